"""A citizen whose question had no sure answer hands it to a person, and staff answer where it was asked."""

import re
from html import unescape

import pytest

from flows.accounts import Role
from flows.answering import read_topics
from flows.wording import Lang
from tests.city import Answer, Citizen, City, StaffBrowser

ASKED = {"ko": "우리 동네 쓰레기는 왜 안 줄어요?", "en": "Why is there still so much waste in my street?"}
OTHER = "옆 동네 나무는 누가 심었어요"
PHONE = "제 번호 010-1234-5678로 알려 주실 수 있나요"
ASK_STAFF = re.compile(r"ask_staff:[0-9a-f]{8}")


def button(answer: Answer) -> str:
    """The button that hands the words over."""
    return next(value for value in answer.choices if ASK_STAFF.fullmatch(value))


async def hand_over(citizen: Citizen, words: str) -> Answer:
    return await citizen.press(button(await citizen.say(words)))


async def write(citizen: Citizen, words: str) -> Answer:
    """Ask staff through the dialogue of the hand-over."""
    await citizen.press("ask_staff")
    return await citizen.press(button(await citizen.say(words)))


async def send(staff: StaffBrowser, number: int, **form: str) -> int:
    return (await staff.post(f"/staff/enquiries/{number}", **form)).status_code


async def proposed(staff: StaffBrowser, number: int) -> str:
    """What the field of the answer holds."""
    page = (await staff.get(f"/staff/enquiries/{number}")).text
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", page, re.DOTALL)
    assert found, page
    return unescape(found[1])


async def count(city: City, table: str = "enquiries", where: str = "true") -> int:
    found = await city.scalar(f"SELECT count(*) FROM {table} WHERE {where}")
    assert isinstance(found, int)
    return found


# --- the whole circle ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_what_was_not_found_is_answered_by_staff_with_the_bots_own_proposal(city: City, lang: Lang) -> None:
    city.rasa.means(ASKED[lang], "ask_waste_incineration", 0.05)
    mina, reviewer = city.citizen(lang), await city.staff(Role.REVIEWER)
    sent = await hand_over(mina, ASKED[lang])
    assert f"“{ASKED[lang]}”" in sent.text
    assert "180" in sent.text

    city.clock.forward(hours=5)
    waiting = (await reviewer.get("/staff/enquiries", lang="en")).text
    assert ASKED[lang] in waiting
    assert "5 hours" in waiting
    assert {"ko": "Korean", "en": "English"}[lang] in waiting
    topic = read_topics()["waste_incineration"]
    assert topic.title.en in waiting
    assert re.search(r'href="/staff/enquiries"[^>]*>Enquiries <span[^>]*>1<', waiting), "the menu counts who waits"
    answer = await proposed(reviewer, 1)
    assert answer.startswith(topic.answer.of(lang).strip()[:40])
    assert topic.cited[0].title in answer

    assert await send(reviewer, 1, act="answer", answer=answer) == 303
    await city.work_until_idle()
    [message] = await mina.inbox()
    assert answer in message["text"]
    assert ASKED[lang] in message["text"]
    assert ASKED[lang] not in (await reviewer.get("/staff/enquiries")).text
    assert await city.scalar("SELECT action || ' ' || target FROM audit") == "enquiry.approved enquiry/1"


async def test_staff_write_a_better_answer_and_it_waits_for_the_morning(city: City) -> None:
    mina = city.citizen()
    await hand_over(mina, OTHER)
    city.clock.set("2026-03-02 22:30")
    staff = await city.staff()
    assert await send(staff, 1, act="answer", answer="지난가을에 주민들이 심었습니다.") == 303
    await city.work_until_idle()
    assert await mina.inbox() == []
    city.clock.set("2026-03-03 08:00")
    await city.work_until_idle()
    assert [("지난가을에" in m["text"], m["kind"]) for m in await mina.inbox()] == [(True, "answer")]
    assert await city.scalar("SELECT action FROM audit") == "enquiry.answered"


async def test_an_answer_keeps_the_language_of_its_question(city: City) -> None:
    mina, staff = city.citizen("en"), await city.staff()
    await hand_over(mina, ASKED["en"])
    await mina.press("change_language:ko")
    await send(staff, 1, act="answer", answer="Collection has changed.")
    await city.work_until_idle()
    [message] = await mina.inbox()
    assert "Answer of the city:" in message["text"]
    assert not re.search("[가-힣]", message["text"])


@pytest.mark.parametrize(
    ("reason", "said"), [("not_ours", "120"), ("unclear", "in other words"), ("unknown", "no confirmed information")]
)
async def test_a_question_closed_without_an_answer_says_why(city: City, reason: str, said: str) -> None:
    mina, staff = city.citizen("en"), await city.staff(Role.REVIEWER)
    await hand_over(mina, ASKED["en"])
    assert await send(staff, 1, act="close", reason=reason) == 303
    await city.work_until_idle()
    [message] = await mina.inbox()
    assert said in message["text"]
    assert "Answer of the city:" not in message["text"]
    assert await count(city, where="state = 'open'") == 0


# --- how the words get there -----------------------------------------------------------------------------------------


async def test_under_did_you_mean_the_question_can_be_handed_over_too(city: City) -> None:
    city.rasa.means(ASKED["ko"], "ask_waste_incineration", 0.2)
    mina = city.citizen()
    offered = await mina.say(ASKED["ko"])
    assert "ask:waste_incineration" in offered.choices
    await mina.press("ask:waste_incineration")  # read, and it was not that
    assert ASKED["ko"] in (await mina.press(button(offered))).text
    assert await city.scalar("SELECT topic FROM enquiries") == "waste_incineration"


async def test_a_kept_question_does_not_swallow_the_next_message(city: City) -> None:
    city.rasa.means("OGP가 뭔가요?", "ask_ogp")
    mina = city.citizen()
    asked = await mina.say(ASKED["ko"])
    assert (await mina.say("OGP가 뭔가요?"))["replies"][0]["topic"] == "ogp"
    assert await count(city) == 0, "nothing is sent before the button is pressed"
    await mina.press(button(asked))
    assert await city.scalar("SELECT text FROM enquiries") == ASKED["ko"]


async def test_an_older_button_never_sends_a_newer_question(city: City) -> None:
    mina = city.citizen()
    older = button(await mina.say(ASKED["ko"]))
    await mina.say(OTHER)
    shown = await mina.press(older)
    assert await count(city) == 0
    assert OTHER in shown.text
    await mina.press(button(shown))
    assert await city.scalar("SELECT text FROM enquiries") == OTHER


async def test_at_the_hand_over_the_question_is_written_shown_and_sent(city: City) -> None:
    city.rasa.means("OGP가 뭔가요?", "ask_ogp")
    city.rasa.means("네", "affirm")
    mina = city.citizen()
    assert (await mina.press("human_handoff")).choices[0] == "ask_staff"
    await mina.press("ask_staff")
    shown = await mina.say("OGP가 뭔가요?")  # the bot knows this, but a person was asked for
    assert await count(city) == 0
    assert "OGP가 뭔가요?" in shown.text
    assert "ask_staff:write" in shown.choices
    await mina.press("ask_staff:write")
    await mina.say(OTHER)
    await mina.say("네")
    assert await city.scalar("SELECT text FROM enquiries") == OTHER
    assert await count(city, "unanswered") == 0


@pytest.mark.parametrize("words", [(), (OTHER,)], ids=["writes", "is to confirm"])
@pytest.mark.parametrize("end", ["/cancel", "취소", "!ask_staff:cancel"])
async def test_every_step_can_be_cancelled(city: City, words: tuple[str, ...], end: str) -> None:
    mina = city.citizen()
    answer = await mina.press("ask_staff")
    for said in words:
        answer = await mina.say(said)
    assert "ask_staff:cancel" in answer.choices
    ended = await (mina.press(end[1:]) if end[0] == "!" else mina.say(end))
    assert "직원에게 아무것도" in ended.text
    assert OTHER not in (await mina.press("my_data")).text
    assert await count(city) == 0


@pytest.mark.parametrize("elsewhere", ["!menu", "/menu", "!ask:ogp"])
async def test_whoever_turns_to_something_else_leaves_the_dialogue(city: City, elsewhere: str) -> None:
    city.rasa.means("광주는 언제 가입했어요?", "ask_gwangju_ogp")
    mina = city.citizen()
    await mina.press("ask_staff")
    await (mina.press(elsewhere[1:]) if elsewhere[0] == "!" else mina.say(elsewhere))
    assert (await mina.say("광주는 언제 가입했어요?"))["replies"][0]["topic"] == "gwangju_ogp"


async def test_what_was_written_is_kept_when_something_else_comes_first(city: City) -> None:
    city.rasa.means("OGP가 뭔가요?", "ask_ogp")
    mina = city.citizen()
    await mina.press("ask_staff")
    shown = await mina.say(OTHER)
    assert (await mina.say("OGP가 뭔가요?"))["replies"][0]["topic"] == "ogp"
    await mina.press(button(shown))
    assert await city.scalar("SELECT text FROM enquiries") == OTHER


async def test_a_draft_of_a_suggestion_is_not_lost_to_a_question(city: City) -> None:
    mina = city.citizen()
    older = button(await mina.say(ASKED["ko"]))
    await mina.press("submit_suggestion:start")
    await mina.say("버스 정류장에 그늘막을 늘려 주세요")
    for value in ("ask_staff", older):
        assert "submit_suggestion:resume" in (await mina.press(value)).choices
    assert "ask_staff" not in (await mina.press("human_handoff")).choices
    assert "그늘막" in (await mina.press("submit_suggestion:skip")).text


async def test_danger_comes_before_a_question_to_staff(city: City) -> None:
    mina = city.citizen()
    await mina.press("ask_staff")
    assert "109" in (await mina.say("너무 힘들어서 죽고 싶어요")).text
    assert "죽고" not in (await mina.press("my_data")).text


async def test_without_the_intent_model_a_person_can_still_be_asked(city: City) -> None:
    city.rasa.down = True
    assert ASKED["ko"] in (await hand_over(city.citizen(), ASKED["ko"])).text
    assert await count(city) == 1


# --- limits ----------------------------------------------------------------------------------------------------------


async def test_five_may_wait_and_the_sixth_is_refused_politely(city: City) -> None:
    mina = city.citizen()
    for number in range(5):
        await write(mina, f"{OTHER} {number}번")
    refused = await write(mina, f"{OTHER} 5번")
    assert "5건" in refused.text
    assert await count(city) == 5
    await send(await city.staff(), 1, act="close", reason="unclear")
    assert f"{OTHER} 5번" in (await mina.press("ask_staff")).text, "the sixth is still there to be sent"
    await write(city.citizen(), OTHER)
    assert await count(city) == 6, "others are not held up"


async def test_the_same_words_within_a_day_are_one_question(city: City) -> None:
    mina = city.citizen()
    first = button(await mina.say(OTHER))
    for _ in range(2):
        assert OTHER in (await mina.press(first)).text
    await hand_over(mina, OTHER)
    assert await count(city) == 1
    await send(await city.staff(), 1, act="answer", answer="주민들입니다.")
    assert "이미" in (await hand_over(mina, OTHER)).text
    city.clock.forward(days=1, minutes=1)
    await hand_over(mina, OTHER)
    assert await count(city) == 2


@pytest.mark.parametrize("value", ["ask_staff:x", "ask_staff:", "ask_staff:0123456g", "ask_staff:a:b"])
async def test_a_garbled_button_is_refused(city: City, value: str) -> None:
    response = await city.http.post("/api/chat", json={"choice": value, "lang": "ko"})
    assert response.status_code == 422
    assert await count(city) == 0


# --- staff -----------------------------------------------------------------------------------------------------------


async def test_the_oldest_question_comes_first_and_a_proposal_may_be_missing(city: City) -> None:
    for words in (OTHER, ASKED["ko"]):
        await hand_over(city.citizen(), words)
        city.clock.forward(days=3)
    staff = await city.staff(Role.REVIEWER)
    page = (await staff.get("/staff/enquiries", lang="en")).text
    assert page.index(OTHER) < page.index(ASKED["ko"])
    assert "6 days" in page
    assert await proposed(staff, 1) == ""


async def test_the_second_of_two_is_told_what_changed_and_sends_nothing(city: City) -> None:
    mina, kim, lee = (
        city.citizen(),
        await city.staff(email="kim@example.org"),
        await city.staff(email="lee@example.org"),
    )
    await hand_over(mina, OTHER)
    assert await send(kim, 1, act="answer", answer="주민들이 심었습니다.") == 303
    for form in ({"act": "answer", "answer": "구청이 심었습니다."}, {"act": "close", "reason": "unclear"}):
        second = await lee.post("/staff/enquiries/1", **form)
        assert second.status_code == 409
        assert "kim@example.org" in second.text
        assert "주민들이 심었습니다." in second.text
        assert form.get("answer", "") in second.text, "what was written is lost"
    await city.work_until_idle()
    assert ["주민들이" in m["text"] for m in await mina.inbox()] == [True]
    assert await count(city, "audit") == 1


@pytest.mark.parametrize(
    "form",
    [
        {"act": "answer", "answer": " \r\n "},
        {"act": "answer", "answer": "가" * 2_001},
        {"act": "close"},
        {"act": "close", "reason": "open"},
        {"act": "close", "reason": "answered"},
        {"act": "dance", "answer": "답"},
    ],
)
async def test_a_form_that_makes_no_sense_changes_nothing(city: City, form: dict[str, str]) -> None:
    await hand_over(city.citizen(), OTHER)
    staff = await city.staff()
    refused = await staff.post("/staff/enquiries/1", **form)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.text
    assert await count(city, where="state = 'open' AND answer IS NULL") == 1
    assert await count(city, "notices") == 0


@pytest.mark.parametrize("number", ["2", "x", "-1", "9" * 30])
async def test_a_question_that_is_not_there_is_not_found(city: City, number: str) -> None:
    staff = await city.staff()
    assert (await staff.get(f"/staff/enquiries/{number}")).status_code == 404
    assert (await staff.post(f"/staff/enquiries/{number}", act="answer", answer="답")).status_code == 404


async def test_an_answer_of_full_length_is_delivered(city: City) -> None:
    mina, words = city.citizen(), "가" * 2_000
    await hand_over(mina, OTHER)
    assert await send(await city.staff(), 1, act="answer", answer=words) == 303
    await city.work_until_idle()
    assert words in (await mina.inbox())[0]["text"]


# --- what is kept ----------------------------------------------------------------------------------------------------


async def test_a_phone_number_is_covered_before_it_is_kept_or_shown(city: City) -> None:
    mina = city.citizen()
    asked = await mina.say(PHONE)
    assert await count(city, "citizens", "step::text LIKE '%1234-5678%'") == 0
    assert "●●●-●●●●-●●●●" in (await mina.press(button(asked))).text
    await write(mina, f"다시, {PHONE}")
    staff = await city.staff()
    for path in ("/staff/enquiries", "/staff/enquiries/1", "/staff/enquiries/2"):
        assert "1234-5678" not in (await staff.get(path)).text
    assert await count(city, where="text LIKE '%1234-5678%'") == 0


async def test_my_data_shows_questions_and_forget_me_erases_them_with_the_answers(city: City) -> None:
    mina, jisu, staff = city.citizen(), city.citizen(), await city.staff()
    await write(mina, OTHER)
    await write(jisu, "다른 사람의 물음입니다")
    await send(staff, 1, act="answer", answer=f"{OTHER}: 주민들이 심었습니다.")
    await city.work_until_idle()
    await mina.say(ASKED["ko"])
    shown = (await mina.press("my_data")).text
    assert OTHER in shown
    assert ASKED["ko"] in shown
    await mina.press("forget_me:confirm")
    assert await city.scalar("SELECT string_agg(text, '') FROM enquiries") == "다른 사람의 물음입니다"
    assert await count(city, "notices") == 0
    assert await send(staff, 1, act="answer", answer="한 번 더") == 404


async def test_a_question_is_forgotten_half_a_year_after_its_answer(city: City) -> None:
    mina = city.citizen()
    await write(mina, OTHER)
    await write(mina, "아무도 답하지 않은 물음입니다")
    city.clock.forward(days=100)
    await send(await city.staff(), 1, act="answer", answer="주민들이 심었습니다.")
    await city.work_until_idle()
    city.clock.forward(days=179)
    await city.work_until_idle()
    assert await count(city) == 2
    city.clock.forward(days=2)
    await city.work_until_idle()
    assert await city.scalar("SELECT string_agg(text, '') FROM enquiries") == "아무도 답하지 않은 물음입니다"
    assert await count(city, "notices") == 0
    assert await mina.inbox() == []


async def test_words_that_were_not_handed_over_are_forgotten_after_a_day(city: City) -> None:
    mina = city.citizen()
    asked = button(await mina.say(OTHER))
    assert OTHER in (await mina.press("my_data")).text
    city.clock.forward(days=1, minutes=1)
    await city.work_until_idle()
    assert await count(city, "citizens", f"step::text LIKE '%{OTHER}%'") == 0
    assert "ask_staff:cancel" in (await mina.press(asked)).choices, "there is nothing to send: please write it"
