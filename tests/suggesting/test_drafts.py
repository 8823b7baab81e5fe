"""A draft waits: over a crash, with a place and a name, and with one gentle reminder."""

import httpx
import pytest

from bot.app import build
from bot.settings import Settings
from bot.web import create_app
from flows.city import city as content
from tests.city import City

WORDS = "버스 정류장에 그늘막을 늘려 주세요"
KEPT_DAYS = content().suggestions.draft_kept_days


async def test_a_draft_outlives_the_process(city: City, settings: Settings, nlu_url: str) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS)
    async with build(settings, database_url=city.database_url, nlu_url=nlu_url, now=city.clock) as again:
        transport = httpx.ASGITransport(create_app(again))
        async with httpx.AsyncClient(transport=transport, base_url="http://damso.test") as mina.http:
            assert "submit_suggestion:skip" in (await mina.press("submit_suggestion:resume")).choices
            assert WORDS in (await mina.press("submit_suggestion:skip")).text


async def test_one_reminder_after_a_day_and_by_day(city: City) -> None:
    mina = city.citizen()
    city.clock.set("2026-03-02 22:00")
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS)
    city.clock.set("2026-03-03 21:59")
    await city.work_until_idle()
    city.clock.set("2026-03-04 07:59")
    await city.work_until_idle()
    assert await mina.inbox() == [], "not before a day is over, and not at night"
    city.clock.set("2026-03-04 08:00")
    await city.work_until_idle()
    (reminder,) = await mina.inbox()
    assert f"{KEPT_DAYS}일 동안" in reminder["text"]
    assert WORDS not in reminder["text"], "what is not sent stands nowhere but in the draft"
    assert [choice["value"] for choice in reminder["choices"]] == [
        "submit_suggestion:resume",
        "submit_suggestion:cancel",
    ]
    city.clock.forward(days=2)
    await city.work_until_idle()
    assert len(await mina.inbox()) == 1, "once"
    assert "submit_suggestion:skip" in (await mina.press("submit_suggestion:resume")).choices


async def test_the_next_draft_may_be_reminded_of_again(city: City) -> None:
    mina = city.citizen()
    for number in (1, 2):
        await mina.press("submit_suggestion:start")
        await mina.say(f"{WORDS} {number}")
        city.clock.forward(days=1, hours=1)
        await city.work_until_idle()
        assert len(await mina.inbox()) == number
        await mina.press("submit_suggestion:skip")
        await mina.press("submit_suggestion:confirm")


@pytest.mark.parametrize("end", ["submit_suggestion:cancel", "submit_suggestion:confirm"])
async def test_nobody_is_reminded_of_what_is_finished_or_was_never_begun(city: City, end: str) -> None:
    mina, jun = city.citizen(), city.citizen()
    await jun.press("submit_suggestion:start")
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS)
    await mina.press("submit_suggestion:skip")
    await mina.press(end)
    city.clock.forward(days=1, hours=2)
    await city.work_until_idle()
    assert await mina.inbox() == []
    assert await jun.inbox() == []


async def test_a_draft_is_forgotten_in_the_end(city: City) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS)
    city.clock.forward(days=KEPT_DAYS, minutes=-1)
    await city.work_until_idle()
    assert await city.scalar("SELECT step FROM citizens") is not None
    city.clock.forward(hours=1)
    await city.work_until_idle()
    assert await city.scalar("SELECT step FROM citizens") is None
    assert "submit_suggestion:start" in (await mina.press("submit_suggestion:resume")).choices


async def test_a_place_and_a_name_are_added_where_one_looks_at_the_whole(city: City) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS)
    await mina.press("submit_suggestion:theme:transport")
    assert "submit_suggestion:district:bukgu" in (await mina.press("submit_suggestion:place")).choices
    assert "위치: 북구" in (await mina.press("submit_suggestion:district:bukgu")).text
    await mina.press("submit_suggestion:name")
    whole = await mina.say("  첨단동   미나 ")
    assert "이름: 첨단동 미나" in whole.text
    assert "위치: 북구" in whole.text
    assert "분야: 교통" in whole.text
    shown = (await mina.press("my_data")).text
    assert "이름: 첨단동 미나" in shown
    assert "위치: 북구" in shown
    await mina.press("submit_suggestion:confirm")
    assert await city.scalar("SELECT shown_name || district || theme FROM suggestions") == "첨단동 미나bukgutransport"
    await mina.press("forget_me:confirm")
    assert await city.scalar("SELECT shown_name FROM suggestions") is None


async def test_both_can_be_taken_out_again(city: City) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS)
    await mina.press("submit_suggestion:skip")
    await mina.press("submit_suggestion:place")
    assert "위치: 남구" in (await mina.say("남구요")).text
    await mina.press("submit_suggestion:name")
    await mina.say("미나")
    assert "위치" not in (await mina.press("submit_suggestion:nowhere")).text
    assert "이름:" not in (await mina.press("submit_suggestion:anonymous")).text
    await mina.press("submit_suggestion:confirm")
    assert await city.scalar("SELECT coalesce(shown_name, district, 'neither') FROM suggestions") == "neither"


@pytest.mark.parametrize(
    "name",
    ["가" * 31, "https://x.kr", "www.x.kr", "x.kr", "mina@x.kr", "010-1234-5678", "...", "광주광역시 담당자", "Damso"],
)
async def test_a_name_that_is_none_is_refused_and_asked_again(city: City, name: str) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS)
    await mina.press("submit_suggestion:skip")
    await mina.press("submit_suggestion:name")
    refused = await mina.say(name)
    assert "submit_suggestion:anonymous" in refused.choices
    assert await city.scalar("SELECT step->'draft'->>'name' FROM citizens") is None
    assert "이름: <b>미나</b>" in (await mina.say("<b>미나</b>")).text, "shown as text everywhere"


async def test_changing_the_text_keeps_what_was_chosen(city: City) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    await mina.say(WORDS)
    await mina.press("submit_suggestion:theme:transport")
    await mina.press("submit_suggestion:district:seogu")
    await mina.press("submit_suggestion:edit")
    whole = await mina.say("지하철역에 그늘막을 늘려 주세요")
    assert "지하철역" in whole.text
    assert "교통" in whole.text
    assert "서구" in whole.text
