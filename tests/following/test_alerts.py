"""Who follows is told: once, by day, and no longer than they want."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from flows.city import zone
from flows.subscribing import next_decent_moment
from tests.city import City

KO, EN = "원탁회의를 열었습니다.", "The round table was held."


async def test_an_update_lands_in_the_chat_of_its_followers_in_their_language(city: City) -> None:
    mina, amy, jun = city.citizen("ko"), city.citizen("en"), city.citizen("ko")
    await mina.press("subscribe:KRGNJ0001:instant")
    await amy.press("subscribe:all:instant")
    await jun.press("subscribe:KRGNJ0002:instant")
    await city.publish("KRGNJ0001", KO, EN)
    await city.work_until_idle()
    assert [m["update"] for m in await mina.inbox()] == ["KRGNJ0001/1"]
    assert KO in (await mina.inbox())[0]["text"]
    assert EN in (await amy.inbox())[0]["text"]
    assert await jun.inbox() == []


async def test_what_a_night_has_gathered_is_spread_over_the_morning(city: City) -> None:
    for _ in range(3):
        await city.citizen().press("subscribe:KRGNJ0001:instant")
    city.clock.set("2026-03-02 22:30")
    await city.publish("KRGNJ0001", KO, EN)
    await city.work_until_idle()
    due = "SELECT array_agg(to_char(due_at AT TIME ZONE 'Asia/Seoul', 'HH24:MI:SS.MS') ORDER BY due_at) FROM deliveries"
    assert await city.scalar(due) == ["08:00:00.000", "08:00:00.100", "08:00:00.200"]


async def test_update_published_at_night_arrives_after_eight_in_the_morning(city: City) -> None:
    mina = city.citizen()
    await mina.press("subscribe:KRGNJ0001:instant")
    city.clock.set("2026-03-02 22:30")
    await city.publish("KRGNJ0001", KO, EN)
    await city.work_until_idle()
    assert await mina.inbox() == []
    city.clock.set("2026-03-03 07:59")
    await city.work_until_idle()
    assert await mina.inbox() == []
    city.clock.set("2026-03-03 08:00")
    await city.work_until_idle()
    assert [m["update"] for m in await mina.inbox()] == ["KRGNJ0001/1"]


async def test_an_update_waits_for_its_time(city: City) -> None:
    mina = city.citizen()
    await mina.press("subscribe:all:instant")
    await city.publish("KRGNJ0001", KO, EN, at=city.clock() + timedelta(hours=1))
    await city.work_until_idle()
    assert await mina.inbox() == []
    assert (await city.http.get("/api/updates")).json()["items"] == []
    city.clock.forward(hours=1)
    await city.work_until_idle()
    assert len(await mina.inbox()) == 1
    assert (await city.http.get("/api/updates")).json()["items"][0]["id"] == "KRGNJ0001/1"


async def test_nobody_is_told_twice_however_often_the_jobs_run(city: City) -> None:
    mina = city.citizen()
    await mina.press("subscribe:KRGNJ0001:instant")
    await mina.press("subscribe:all:instant")
    await city.publish("KRGNJ0001", KO, EN)
    for _ in range(3):
        await city.work_until_idle()
        city.clock.forward(minutes=1)
    assert len(await mina.inbox()) == 1


async def test_one_tap_stops_it_even_what_is_already_owed(city: City) -> None:
    mina = city.citizen()
    await mina.press("subscribe:KRGNJ0001:instant")
    city.clock.set("2026-03-02 22:30")
    await city.publish("KRGNJ0001", KO, EN)
    await city.work_until_idle()
    await mina.press("unsubscribe:KRGNJ0001")
    city.clock.set("2026-03-03 09:00")
    await city.work_until_idle()
    assert await mina.inbox() == []


async def test_a_weekly_follower_gets_one_digest_on_monday(city: City) -> None:
    city.clock.set("2026-03-03 10:00")  # a Tuesday
    mina = city.citizen()
    await mina.press("subscribe:all:weekly")
    await city.work_until_idle()
    city.clock.forward(hours=1)
    await city.publish("KRGNJ0001", KO, EN)
    await city.publish("KRGNJ0002", "자료 목록을 정했습니다.", "The list of data is agreed.")
    await city.work_until_idle()
    assert await mina.inbox() == []
    city.clock.set("2026-03-09 09:00")
    await city.work_until_idle()
    digest = (await mina.inbox())[0]
    assert digest["kind"] == "digest"
    assert KO in digest["text"]
    assert "자료 목록" in digest["text"]
    city.clock.set("2026-03-16 09:00")
    await city.work_until_idle()
    assert len(await mina.inbox()) == 1, "nothing moved, so there is no second edition"


async def test_following_one_weekly_goes_before_following_all_at_once(city: City) -> None:
    mina = city.citizen()
    await mina.press("subscribe:all:instant")
    await mina.press("subscribe:KRGNJ0001:weekly")
    await city.publish("KRGNJ0001", KO, EN)
    await city.work_until_idle()
    assert await mina.inbox() == []


async def test_following_from_the_web_says_where_alerts_arrive_and_offers_telegram(city: City) -> None:
    answer = await city.citizen("en").press("subscribe:KRGNJ0001:instant")
    assert "only in this browser" in answer.text
    assert "unsubscribe:KRGNJ0001" in answer.choices
    assert "subscribe:app:KRGNJ0001" in answer.choices


async def test_a_worker_that_died_with_a_claim_is_made_good_after_its_lease(city: City) -> None:
    mina = city.citizen()
    await mina.press("subscribe:KRGNJ0001:instant")
    await city.publish("KRGNJ0001", KO, EN)
    await city.work_until_idle()
    async with city.damso.db.transaction() as tx:
        await tx.execute(text("DELETE FROM mail"))
        await tx.execute(
            text("UPDATE deliveries SET state = 'claimed', claimed_until = :until"),
            {"until": city.clock() + timedelta(seconds=20)},
        )
    await city.work_until_idle()
    assert await mina.inbox() == []
    city.clock.forward(seconds=20)
    await city.work_until_idle()
    assert len(await mina.inbox()) == 1


async def test_a_frequency_can_be_changed_by_a_button_and_in_words(city: City) -> None:
    city.rasa.means("한 달에 한 번만 보내 주세요", "subscription_settings", frequency="monthly")
    mina = city.citizen()
    await mina.press("subscribe:KRGNJ0001:instant")
    assert "subscribe:KRGNJ0001:weekly" in (await mina.press("subscription_settings")).choices
    await mina.say("한 달에 한 번만 보내 주세요")
    assert await city.scalar("SELECT frequency FROM follows") == "monthly"


@given(st.datetimes(timezones=st.just(zone())))
def test_nothing_is_due_in_quiet_hours_and_nothing_earlier_than_asked(asked) -> None:
    moment = next_decent_moment(asked)
    assert moment >= asked
    assert 8 <= moment.astimezone(zone()).hour < 21
    assert moment - asked <= timedelta(hours=11)


@pytest.mark.parametrize(
    ("asked", "told"),
    [("20:59:59", "20:59:59"), ("21:00:00", "08:00:00"), ("07:59:59", "08:00:00"), ("08:00:00", "08:00:00")],
)
def test_the_borders_of_the_night(asked: str, told: str) -> None:
    moment = next_decent_moment(datetime.fromisoformat(f"2026-03-02T{asked}").replace(tzinfo=zone()))
    assert moment.astimezone(zone()).time().isoformat() == told


@pytest.mark.parametrize(("link", "followed"), [("KRGNJ0002", "KRGNJ0002"), ("krgnj0002", "KRGNJ0002"), ("all", "all")])
async def test_a_link_from_a_poster_follows_at_once(city: City, link: str, followed: str) -> None:
    answer = await city.citizen().say(f"/start follow-{link}")
    assert f"unsubscribe:{followed}" in answer.choices, "with a button to undo it"
    assert await city.scalar("SELECT commitment FROM follows") == followed


async def test_an_empty_or_unknown_name_stops_nothing(city: City) -> None:
    mina = city.citizen()
    await mina.press("subscribe:all:instant")
    for choice in ("unsubscribe:", "unsubscribe:KRGNJ9999", "subscribe:app:KRGNJ9999"):
        response = await city.http.post("/api/chat", json={"session": mina.session, "choice": choice})
        assert response.status_code == 422
    assert await city.scalar("SELECT count(*) FROM follows") == 1
