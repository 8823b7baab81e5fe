"""Alerts as each wants them: day and hour, quiet hours, pauses, language; nothing lost, nothing twice."""

from typing import Any

import pytest

from bot.channels.telegram.writing import parts_of
from flows.commitments import UPDATE_MOST_CHARS
from flows.delivering import Outcome, Parcel
from flows.messages import Reply
from tests.city import Answer, Citizen, City

ONE, TWO = "KRGNJ0001", "KRGNJ0002"
SAID = {
    "round table": ("원탁회의를 열었습니다.", "The round table was held."),
    "list": ("자료 목록을 정했습니다.", "The list of data is agreed."),
    "map": ("지도를 공개했습니다.", "The map is public."),
}


async def publish(city: City, code: str, what: str) -> None:
    await city.publish(code, *SAID[what])
    await city.work_until_idle()


async def told(city: City, citizen: Citizen) -> list[str]:
    """What reached the citizen since this was last asked: the news in each message, in the order in which it stands."""
    await city.work_until_idle()
    after = getattr(citizen, "seen", 0)
    messages = await citizen.inbox(after)
    citizen.seen = max([after, *(m["id"] for m in messages)])  # type: ignore[attr-defined]
    return [news_in(message["text"]) for message in messages]


def news_in(text: str) -> str:
    places = {text.find(said): what for what, both in SAID.items() for said in both if said in text}
    return "; ".join(what for _, what in sorted(places.items())) or text


async def follower(city: City, *values: str, lang: str = "ko") -> Citizen:
    citizen = city.citizen(lang)
    for value in values:
        await citizen.press(value)
    await city.work_until_idle()
    return citizen


async def test_a_digest_comes_on_the_day_and_at_the_hour_that_were_asked_for(city: City) -> None:
    city.clock.set("2026-03-03 10:00")  # a Tuesday
    mina = await follower(city, f"subscribe:{ONE}:instant")
    answer = await mina.say("매주 금요일 저녁 6시에 보내줘")
    assert answer.intent == "subscription_settings"
    assert "금요일 18:00" in answer.text
    await publish(city, ONE, "round table")
    city.clock.set("2026-03-06 17:59")
    assert await told(city, mina) == []
    city.clock.set("2026-03-06 18:00")
    assert await told(city, mina) == ["round table"]
    city.clock.set("2026-03-09 09:00")
    assert await told(city, mina) == [], "Monday is the city's day, not Mina's"
    city.clock.set("2026-03-13 18:00")
    assert await told(city, mina) == [], "nothing moved, so there is no digest"


async def test_what_staff_have_switched_off_comes_at_nobodys_own_time(city: City) -> None:
    city.clock.set("2026-03-03 10:00")  # a Tuesday
    mina = await follower(city, f"subscribe:{ONE}:weekly")
    await mina.say("매주 금요일 저녁 6시에 보내줘")
    await publish(city, ONE, "round table")
    await city.execute("UPDATE schedules SET is_on = false WHERE name = 'weekly'")
    city.clock.set("2026-03-06 18:00")
    assert await told(city, mina) == []
    await city.execute("UPDATE schedules SET is_on = true WHERE name = 'weekly'")
    assert await told(city, mina) == ["round table"], "nothing of it is lost"


async def test_nothing_is_lost_nor_told_twice_when_the_day_is_changed(city: City) -> None:
    city.clock.set("2026-03-03 10:00")
    mina = await follower(city, f"subscribe:{ONE}:weekly", f"subscribe:{TWO}:weekly", "subscription_settings:weekday:4")
    await publish(city, ONE, "round table")
    city.clock.set("2026-03-05 10:00")
    await mina.press("subscription_settings:weekday:2")  # Wednesday was yesterday
    assert await told(city, mina) == []
    await publish(city, TWO, "list")
    city.clock.set("2026-03-06 12:00")
    await mina.press("subscription_settings:when:usual")
    assert await told(city, mina) == []
    city.clock.set("2026-03-09 09:00")
    assert await told(city, mina) == ["list; round table"], "in one message, the newest first"
    await mina.press("subscription_settings:weekday:0")
    await mina.press("subscription_settings:hour:12")
    await publish(city, ONE, "map")
    city.clock.set("2026-03-09 12:00")
    assert await told(city, mina) == ["map"]


async def test_a_digest_is_grouped_by_what_it_is_about(city: City) -> None:
    amy = await follower(city, "subscribe:all:weekly", lang="en")
    for code, what in ((ONE, "round table"), (TWO, "list"), (ONE, "map")):
        city.clock.forward(hours=1)
        await publish(city, code, what)
    city.clock.set("2026-03-09 09:00")
    await city.work_until_idle()
    (digest,) = await amy.inbox()
    assert digest["text"] == (
        "What has moved in the meantime:\n\n"
        "Citizens' climate policy\n· 2 March 2026: The map is public.\n· 2 March 2026: The round table was held.\n\n"
        "Energy platform\n· 2 March 2026: The list of data is agreed."
    )
    assert "unsubscribe:all" in [choice["value"] for choice in digest["choices"]]


async def test_a_digest_of_much_to_tell_takes_two_messages_and_counts_the_rest(city: City) -> None:
    amy = await follower(city, "subscribe:all:weekly", lang="en")
    for number in range(10):
        city.clock.forward(minutes=1)
        await city.publish(ONE, *(f"No. {number}, ".ljust(UPDATE_MOST_CHARS, letter) for letter in "가x"))
    await city.work_until_idle()
    city.clock.set("2026-03-09 09:00")
    await city.work_until_idle()
    (digest,) = await amy.inbox()
    assert len(parts_of(Reply(digest["text"]), "en")) == 2
    assert [f"No. {number}," in digest["text"] for number in range(10)] == [False] * 5 + [True] * 5
    assert "And 5 older ones." in digest["text"]


async def test_who_wants_it_at_once_again_is_told_what_was_waiting(city: City) -> None:
    mina = await follower(city, f"subscribe:{ONE}:monthly")
    await publish(city, ONE, "round table")
    await mina.press(f"subscribe:{ONE}:instant")
    assert await told(city, mina) == ["round table"]
    await publish(city, ONE, "map")
    assert await told(city, mina) == ["map"]
    await mina.press("subscribe:all:weekly")
    await publish(city, TWO, "list")
    await mina.press(f"subscribe:{TWO}:instant")
    city.clock.set("2026-03-09 09:00")
    assert await told(city, mina) == ["list"]


async def test_quiet_hours_of_ones_own_hold_what_comes_then(city: City) -> None:
    mina, jun = [await follower(city, "subscribe:all:instant") for _ in range(2)]
    answer = await mina.say("밤 9시부터 아침 10시까지 보내지 마")
    assert "21:00~10:00" in answer.text
    city.clock.set("2026-03-03 08:30")
    await publish(city, ONE, "round table")
    assert (await told(city, mina), await told(city, jun)) == ([], ["round table"])
    assert await mina.say("알림 설정") and await told(city, mina) == [], "an answer is given at once all the same"
    city.clock.set("2026-03-03 10:00")
    assert await told(city, mina) == ["round table"]


async def test_new_hours_hold_for_what_is_owed_already(city: City) -> None:
    city.clock.set("2026-03-02 22:30")
    mina = await follower(city, "subscribe:all:instant")
    await publish(city, ONE, "round table")
    await mina.press("subscription_settings:quiet:0000-1800")
    city.clock.set("2026-03-03 08:00")
    assert await told(city, mina) == []
    await mina.press("subscription_settings:undo")
    assert await told(city, mina) == ["round table"]


async def test_hours_and_a_pause_hold_for_what_was_to_be_sent_before_them(city: City) -> None:
    city.clock.set("2026-03-03 10:00")
    mina, jun, sora = [await follower(city, "subscribe:all:instant") for _ in range(3)]
    receipt = await sora.suggest("정류장에 그늘막을 늘려 주세요")
    await city.publish(ONE, *SAID["round table"])
    staff = await city.staff()
    await staff.decide(receipt, "accepted", ko="늘리겠습니다", en="We will")
    senders: dict[str, Any] = dict(city.damso.senders)
    city.damso.senders.clear()  # type: ignore[attr-defined]  # a dict: nothing goes out for hours
    await city.work_until_idle()
    assert "13:00~18:00" in (await mina.say("오후 1시부터 오후 6시까지 보내지 마")).text
    for who in (jun, sora):
        await who.press("subscription_settings:pause:14")
    await city.execute("UPDATE alert_settings SET settled = true")  # so long ago that this has moved what was owed then
    city.damso.senders.update(senders)  # type: ignore[attr-defined]
    city.clock.set("2026-03-03 12:59:50")
    assert [await told(city, who) for who in (mina, jun, sora)] == [[], [], []]
    assert await city.scalar("SELECT max(attempts) FROM deliveries") == 0, "that was no try"
    city.clock.set("2026-03-03 18:00")
    assert await told(city, mina) == ["round table"]
    city.clock.set("2026-03-17 10:00")
    assert await told(city, jun) == ["round table"]
    answer, digest = sorted(await told(city, sora), key=lambda said: said == "round table")
    assert "늘리겠습니다" in answer, "what is theirs alone comes as it is"
    assert digest == "round table"
    digests = "SELECT count(*) FROM deliveries d JOIN notices n ON n.id = d.notice_id WHERE n.kind = 'digest'"
    assert await city.scalar(digests) == 2, "the news they follow comes in the digest after their pause"


async def test_hours_that_leave_no_time_are_refused_and_nothing_changes(city: City) -> None:
    mina = await follower(city, "subscribe:all:instant", lang="en")
    answer = await mina.say("no alerts from 8 am to 9 pm")
    assert "no alert could reach you" in answer.text
    await publish(city, ONE, "round table")
    assert await told(city, mina) == ["round table"]


async def test_weekends_can_be_kept_free(city: City) -> None:
    city.clock.set("2026-03-06 10:00")
    mina = await follower(city, "subscribe:all:instant")
    await mina.say("주말엔 보내지 마")
    city.clock.set("2026-03-07 10:00")  # a Saturday
    await publish(city, ONE, "round table")
    assert await told(city, mina) == []
    city.clock.set("2026-03-09 08:00")
    assert await told(city, mina) == ["round table"]


async def test_somebody_abroad_has_the_night_of_their_own_clock(city: City) -> None:
    amy = await follower(city, "subscribe:all:instant", lang="en")
    assert "New York" in (await amy.say("I live in New York, send at my time")).text
    city.clock.set("2026-03-08 12:30")  # 22:30 there on the evening before the clocks are put forward
    await publish(city, ONE, "round table")
    city.clock.set("2026-03-09 07:59")
    assert await told(city, amy) == []
    city.clock.set("2026-03-09 08:00")  # 19:00 there: their night is over, and Seoul's
    assert await told(city, amy) == ["round table"]


async def test_after_a_pause_one_digest_says_what_was_missed(city: City) -> None:
    city.clock.set("2026-03-02 22:00")
    mina = await follower(city, f"subscribe:{ONE}:instant", f"subscribe:{TWO}:weekly")
    await publish(city, ONE, "round table")  # owed in the morning
    answer = await mina.say("다음 주까지 쉬어줘")
    assert "2026년 3월 16일" in answer.text
    city.clock.set("2026-03-05 10:00")
    await publish(city, TWO, "list")
    await publish(city, ONE, "map")
    city.clock.set("2026-03-15 23:59")
    assert await told(city, mina) == []
    city.clock.set("2026-03-16 00:00")
    assert await told(city, mina) == []
    city.clock.set("2026-03-16 08:00")
    assert await told(city, mina) == ["map; round table; list"]
    city.clock.set("2026-03-16 09:00")
    assert await told(city, mina) == [], "the weekly digest has nothing left to tell"


async def test_a_digest_that_a_pause_overtakes_is_told_in_the_one_after_it(city: City) -> None:
    mina = await follower(city, f"subscribe:{ONE}:weekly")
    await mina.say("밤 9시부터 아침 10시까지 보내지 마")
    await publish(city, ONE, "round table")
    city.clock.set("2026-03-09 09:00")
    assert await told(city, mina) == [], "the digest is owed at ten"
    await mina.press("subscription_settings:pause:14")
    await publish(city, ONE, "map")
    city.clock.set("2026-03-23 08:00")
    assert await told(city, mina) == []
    city.clock.set("2026-03-23 10:00")
    assert await told(city, mina) == ["map; round table"]
    assert await city.scalar("SELECT string_agg(DISTINCT state, ' ' ORDER BY state) FROM deliveries") == "bundled sent"


async def test_a_pause_can_be_ended_early_and_holds_personal_answers_too(city: City) -> None:
    mina = await follower(city, "subscribe:all:instant")
    receipt = await mina.suggest("정류장에 그늘막을 늘려 주세요")
    await mina.press("subscription_settings:pause:14")
    await publish(city, ONE, "round table")
    staff = await city.staff()
    await staff.decide(receipt, "accepted", ko="늘리겠습니다", en="We will")
    assert await told(city, mina) == []
    await mina.say("알림 다시 시작해 주세요")
    answer, digest = sorted(await told(city, mina), key=lambda said: said == "round table")
    assert "늘리겠습니다" in answer
    assert digest == "round table"


async def test_a_pause_without_an_end_is_asked_for(city: City) -> None:
    city.rasa.means("잠시 알림 꺼 주세요", "unsubscribe")
    mina = await follower(city, "subscribe:all:instant")
    assert "subscription_settings:pause:14" in (await mina.say("잠시 알림 꺼 주세요")).choices
    assert "2026년 3월 5일" in (await mina.say("3월 4일")).text
    assert await city.scalar("SELECT count(*) FROM follows") == 1, "a pause is no end"


async def test_alerts_can_come_in_another_language_than_the_chat(city: City) -> None:
    city.rasa.means("알림은 영어로 보내줘", "change_language", language="en")
    mina = await follower(city, "subscribe:all:instant")
    answer = await mina.say("알림은 영어로 보내줘")
    assert "알림 언어: 영어" in answer.text, "the chat stays as it is"
    await publish(city, ONE, "round table")
    assert SAID["round table"][1] in (await mina.inbox())[0]["text"]


@pytest.mark.parametrize("words", ["stop everything", "모두 그만"])
async def test_everything_stops_at_a_word_and_comes_back_as_it_was(city: City, words: str) -> None:
    city.rasa.means(words, "cancel")
    mina = await follower(city, f"subscribe:{ONE}:instant", "subscribe:theme-energy:weekly")
    answer = await mina.say(words)
    assert answer.intent == "unsubscribe"
    assert await city.scalar("SELECT count(*) FROM follows") == 0
    (undo,) = answer.choices
    await mina.press(undo)
    assert await city.scalar("SELECT string_agg(commitment || ' ' || frequency, ', ' ORDER BY 1) FROM follows") == (
        f"{ONE} instant, theme-energy weekly"
    )


async def test_the_menu_leads_everywhere_and_takes_written_answers(city: City) -> None:
    mina = await follower(city, f"subscribe:{ONE}:weekly", "subscribe:theme-energy:monthly", lang="en")
    menu = await mina.press("subscription_settings")
    assert len(menu.choices) <= 10
    assert f"subscription_settings:one:{ONE}" in menu.choices
    assert f"unsubscribe:{ONE}" in (await mina.press(f"subscription_settings:one:{ONE}")).choices
    for asked, written, said in (
        ("when", "Thursday 3 pm", "Thursday, 15:00"),
        ("hour", "18", "Thursday, 18:00"),
        ("quiet", "22 to 10", "22:00 to 10:00"),
        ("zone", "Paris", "By the clock of Paris"),
        ("pause", "2 weeks", "Alerts come again on 16 March 2026"),
    ):
        await mina.press(f"subscription_settings:{asked}")
        assert said in (await mina.say(written)).text, asked


async def test_a_question_is_no_wish_and_somebody_without_alerts_has_none(city: City) -> None:
    city.rasa.means("매주 월요일에 뭘 보내요?", "out_of_scope")
    city.rasa.means("월말에 보내 주세요", "out_of_scope")
    mina = await follower(city, "subscribe:all:instant")
    assert (await mina.say("매주 월요일에 뭘 보내요?")).intent == "out_of_scope"
    assert (await city.citizen().say("월말에 보내 주세요")).intent == "out_of_scope"
    assert await city.scalar("SELECT frequency FROM follows") == "instant"


class Blocked:
    """A channel in which everybody has blocked us."""

    async def send(self, parcel: Parcel) -> Outcome:
        return Outcome("gone")


async def test_who_blocks_the_bot_is_left_alone_and_welcomed_back(city: City) -> None:
    mina = await follower(city, "subscribe:all:instant")
    reachable = city.damso.senders["web"]
    city.damso.senders["web"] = Blocked()  # type: ignore[index]  # a dict, and this test's own
    await publish(city, ONE, "round table")
    city.damso.senders["web"] = reachable  # type: ignore[index]
    await publish(city, TWO, "list")
    await publish(city, TWO, "map")
    assert await city.scalar("SELECT count(*) FROM deliveries") == 1, "nothing more is owed to who is gone"
    city.clock.forward(minutes=1)
    back: Answer = await mina.press("menu")
    assert "다시 오셨네요" in back.text
    assert back["replies"][-1]["choices"][-1]["value"] == "unsubscribe:all"
    assert "다시 오셨네요" not in (await mina.press("menu")).text
    city.clock.forward(minutes=11)  # the clock looks for lost rows
    assert await told(city, mina) == [], "what was missed is not made up for"
    await city.publish(ONE, "새 소식입니다.", "There is news.")
    assert "새 소식입니다." in (await told(city, mina))[0]


async def test_ones_own_quiet_hours_end_by_asking_and_the_citys_night_stays(city: City) -> None:
    city.rasa.means("no quiet hours please", "ask_contact", 0.5)
    city.rasa.means("can you only write to me on Fridays?", "out_of_scope", 0.8)
    amy = await follower(city, f"subscribe:{ONE}:instant", "subscription_settings:quiet:2100-1000", lang="en")
    gone = await amy.say("no quiet hours please")
    assert gone.intent == "subscription_settings"
    assert "Your own quiet hours are gone. Still nothing is sent between 9 p.m. and 8 a.m." in gone.text
    assert "21:00" not in gone.text
    assert "You have no quiet hours of your own." in (await amy.press("subscription_settings:quiet:off")).text
    assert "Friday, 09:00" in (await amy.say("can you only write to me on Fridays?")).text
    assert "Energy" not in (await amy.say("undo that")).text
    assert "As it happens" in (await amy.press("subscription_settings")).text, "the Friday is undone"
    city.rasa.means("start again", "cancel")
    assert "nothing to cancel" in (await amy.say("start again")).text
    await amy.press("subscription_settings:pause:14")
    assert "Paused" not in (await amy.say("start again")).text
    assert "Once a month" in (await amy.say("once a month please")).text


async def test_who_asks_for_a_daily_digest_hears_that_there_is_none(city: City) -> None:
    mina = await follower(city, "subscribe:all:instant")
    answer = await mina.say("매일 아침 9시에 보내줘")
    assert "매일 보내 드리는 알림은 없습니다." in answer.text
    assert [choice.rpartition(":")[2] for choice in answer.choices] == ["instant", "weekly", "monthly"]
    await mina.press(answer.choices[1])
    assert await city.scalar("SELECT frequency FROM follows") == "weekly"


async def test_who_follows_nothing_is_told_so(city: City) -> None:
    city.rasa.means("stop everything", "cancel")
    city.rasa.means("금요일에만 알려줘", "out_of_scope")
    city.rasa.means("cancel it all", "cancel")
    amy, mina = city.citizen("en"), city.citizen()
    for stop in ("stop everything", "stop all alerts"):
        answer = await amy.say(stop)
        assert (answer.intent, answer.text.splitlines()[0]) == (
            "unsubscribe",
            "You have no alerts: you follow nothing at the moment.",
        )
    assert "nothing to cancel" in (await amy.say("cancel it all")).text
    assert "subscribe:all:weekly" in (await mina.say("금요일에만 알려줘")).choices, "Friday is kept"
    assert "금요일 09:00" in (await mina.press("subscribe:all:weekly")).text


async def test_an_order_to_follow_is_one_whatever_the_model_takes_it_for(city: City) -> None:
    order, question = "follow the energy platform", "does the city follow the energy platform?"
    for words in (order, question):
        city.rasa.means(words, "ask_commitment_energy", commitment=TWO)
    amy = city.citizen("en")
    assert f"unsubscribe:{TWO}" not in (await amy.say(question)).choices
    assert f"unsubscribe:{TWO}" in (await amy.say(order)).choices
