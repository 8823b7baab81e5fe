"""What comes again: rows that staff change in the console, that a clock obeys, and that run once."""

import asyncio
import re
from datetime import datetime
from html import unescape

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import clock, crontab
from bot.pages.staff.schedules import ScheduleForm
from flows.city import zone
from flows.errors import Invalid
from flows.wording import Lang
from tests.city import City, StaffBrowser

CODE = "KRGNJ0001"
KO, EN = "원탁회의를 열었습니다.", "The round table was held."
NOW = datetime(2026, 3, 2, 10, tzinfo=zone())  # a Monday


async def section(staff: StaffBrowser, name: str, lang: str = "en") -> str:
    """What the page says of one schedule, without tags."""
    html = (await staff.get("/staff/schedules", lang=lang)).text
    part = html.split(f'aria-labelledby="{name}"')[1].split("</section>")[0].split("<details")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())


async def act(staff: StaffBrowser, name: str, act: str, **form: str) -> int:
    return (await staff.post(f"/staff/schedules/{name}", act=act, **form)).status_code


@pytest.mark.parametrize(
    ("line", "en", "ko"),
    [
        ("0 9 * * mon", "every Monday at 9:00", "매주 월요일 오전 9시"),
        ("30 14 * * mon,thu", "every Monday and Thursday at 14:30", "매주 월요일 및 목요일 오후 2시 30분"),
        ("15 9 * * mon-fri", "every Monday to Friday at 9:15", "매주 월요일부터 금요일까지 오전 9시 15분"),
        ("0 9 1 * *", "on day 1 of every month at 9:00", "매월 1일 오전 9시"),
        ("0 18 last * *", "on the last day of every month at 18:00", "매월 마지막 날 오후 6시"),
        ("0 8,20 * * *", "every day at 8:00, 20:00", "매일 오전 8시, 오후 8시"),
        ("0 8-20 * * *", "every hour from 8:00 to 20:00", "오전 8시부터 오후 8시까지 한 시간마다"),
        ("30 * * * *", "every hour, 30 minutes past", "매시 30분"),
        ("*/20 9-17 * * sat", "every Saturday every 20 minutes from 9:00 to 17:59", None),
        ("0 9 * jan,jul *", "as its crontab line says", "크론 표현식대로"),
    ],
)
def test_a_line_is_said_in_words(line: str, en: str, ko: str | None) -> None:
    said: dict[Lang, str | None] = {"en": en, "ko": ko}
    for lang, sentence in said.items():
        assert sentence in (None, crontab.in_words(crontab.check(line.upper(), NOW), lang))


@pytest.mark.parametrize(
    "line",
    [
        "",
        "0 9 * *",
        "0 9 * * mon extra",
        "a b c d e",
        "0 25 * * *",
        "0 9 * * 1",
        "0 9 * * 0-5",
        "0 9 * * xyz",
        "0 9 1 * mon",
        "0 0 31 feb *",
        "* * * * *",
        "*/5 * * * *",
        "0,5 9 * * mon",
        "9" * 200,
        "0 9 * * mon; DROP TABLE schedules",
        "\x00 9 * * mon",
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(line: str) -> None:
    with pytest.raises(Invalid):
        crontab.check(line, NOW)


@pytest.mark.parametrize("line", ["0 9 * * mon", "30 14 * * mon,thu", "0 9 1 * *", "0 18 last * *", "5 7 * * *"])
def test_the_form_makes_the_line_again_that_it_was_made_of(line: str) -> None:
    form = ScheduleForm.of(line)
    assert form.how != "line"
    assert form.crontab(NOW) == line


async def test_a_digest_moves_to_the_time_that_staff_give_it(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("subscribe:all:weekly")
    await city.work_until_idle()
    admin = await city.staff()
    page = await section(admin, "weekly")
    assert "every Monday at 9:00" in page
    assert page.count("Mon ") == 5, "the next five times"
    assert "매주 월요일 오전 9시" in await section(admin, "weekly", "ko")
    form = {"how": "weekly", "weekdays": "wed", "at": "17:30", "seen": "0 9 * * mon"}
    assert await act(admin, "weekly", "change", **form) == 303
    assert await act(admin, "weekly", "change", **form) == 409, "somebody else was first"
    assert "every Wednesday at 17:30" in await section(admin, "weekly")
    city.clock.forward(hours=1)
    await city.publish(CODE, KO, EN)
    for moment in ("2026-03-04 17:29", "2026-03-04 17:30", "2026-03-09 09:00"):
        city.clock.set(moment)
        await city.work_until_idle()
        assert len(await mina.inbox()) == (moment != "2026-03-04 17:29"), moment
    await admin.sign_in()
    assert "2026-03-04 17:30" in await section(admin, "weekly")
    changed = await city.scalar("SELECT before ->> 'crontab' || ' → ' || (after ->> 'crontab') FROM audit")
    assert changed == "0 9 * * mon → 30 17 * * wed"


async def test_a_refused_form_keeps_what_was_written_and_changes_nothing(city: City) -> None:
    admin = await city.staff()
    await admin.get("/staff/schedules")
    line = {"how": "line", "line": "0 9 * * 1"}
    refused = await admin.post("/staff/schedules/weekly", act="change", seen="0 9 * * mon", **line)
    assert refused.status_code == 422
    assert 'value="0 9 * * 1"' in refused.text
    assert 'id="weekly-line-error"' in refused.text
    for form in ({"how": "weekly", "at": "09:00"}, {"how": "daily", "at": "late"}, {"how": "monthly", "day": "31 *"}):
        assert await act(admin, "weekly", "change", seen="0 9 * * mon", **form) == 422
    assert await act(admin, "weekly", "dance") == 422
    assert await act(admin, "nothing", "run") == 404
    assert await act(admin, "retention", "off") == 409, "fixed"
    assert await act(admin, "retention", "change", how="daily", at="09:00", seen="30 * * * *") == 409
    assert await city.scalar("SELECT crontab FROM schedules WHERE name = 'weekly'") == "0 9 * * mon"


async def test_what_is_off_does_not_run_until_it_is_asked_or_switched_on(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("subscribe:all:weekly")
    await city.work_until_idle()
    admin = await city.staff()
    assert await act(admin, "weekly", "off") == 303
    assert await act(admin, "weekly", "off") == 409
    city.clock.forward(hours=1)
    await city.publish(CODE, KO, EN)
    city.clock.set("2026-03-09 09:00")
    await city.work_until_idle()
    assert await mina.inbox() == []
    city.clock.set("2026-03-10 10:00")
    await admin.sign_in()
    assert await act(admin, "weekly", "on") == 303
    await city.work_until_idle()
    assert await mina.inbox() == [], "its next time counts from now"
    assert await act(admin, "weekly", "run") == 303
    assert "asked to run now" in await section(admin, "weekly")
    await city.work_until_idle()
    assert len(await mina.inbox()) == 1, "and it tells of all since the last one"
    assert "asked to run now" not in await section(admin, "weekly")
    city.clock.forward(hours=1)
    await city.publish(CODE, "둘째 소식", "Second news")
    await act(admin, "weekly", "run")
    await city.work_until_idle()
    assert "Second news" in (await mina.inbox())[1]["text"], "another edition on the same day"
    for edition, news in (("2026-03-10", EN), ("2026-03-10-2", "Second news")):
        assert news in (await city.http.get(f"/updates/weekly/{edition}", params={"lang": "en"})).text


async def test_what_was_missed_runs_once_and_two_clocks_run_it_once(city: City) -> None:
    mina = city.citizen("en")
    await mina.press("subscribe:all:weekly")
    await city.work_until_idle()
    city.clock.forward(hours=1)
    await city.publish(CODE, KO, EN)
    await city.run_jobs()
    city.clock.set("2026-03-24 11:00")  # three Mondays later
    admin = await city.staff()
    assert "Late" in await section(admin, "weekly")
    await asyncio.gather(*(clock.run_schedule(city.damso, "weekly") for _ in range(4)))
    assert await city.scalar("SELECT count(*) FROM procrastinate_jobs WHERE task_name LIKE '%digest'") == 1
    await city.work_until_idle()
    assert len(await mina.inbox()) == 1
    assert "Late" not in await section(admin, "weekly")


async def test_a_run_that_fails_is_seen_and_the_next_one_gathers_what_it_did_not(
    city: City,
) -> None:
    mina = city.citizen("en")
    await mina.press("subscribe:all:weekly")
    await city.work_until_idle()
    city.clock.forward(hours=1)
    await city.publish(CODE, KO, EN)
    await city.run_jobs()
    await city.execute("ALTER TABLE procrastinate_jobs ADD CONSTRAINT full_up CHECK (task_name NOT LIKE '%digest')")
    city.clock.set("2026-03-09 09:00")
    await clock.run_schedule(city.damso, "weekly")
    await city.execute("ALTER TABLE procrastinate_jobs DROP CONSTRAINT full_up")
    assert "Failed" in await section(await city.staff(), "weekly")
    city.clock.set("2026-03-16 09:00")
    await city.work_until_idle()
    (digest,) = await mina.inbox()
    assert EN in digest["text"]


async def test_the_clock_follows_the_rows(city: City) -> None:
    scheduler = AsyncIOScheduler(timezone=zone())
    timetable = clock.Timetable(city.damso, scheduler)
    scheduler.start(paused=True)
    try:
        await timetable.follow()
        names = {job.id for job in scheduler.get_jobs()}
        assert names == {"weekly", "monthly", "drafts", "survey", "retention"}
        assert "hour='9'" in str(scheduler.get_job("weekly").trigger)
        admin = await city.staff()
        await act(admin, "weekly", "change", how="daily", at="17:30", seen="0 9 * * mon")
        await act(admin, "monthly", "off")
        await act(admin, "retention", "run")
        city.clock.forward(minutes=1)
        await timetable.follow()
        assert "hour='17', minute='30'" in str(scheduler.get_job("weekly").trigger)
        assert scheduler.get_job("monthly") is None
        assert await city.scalar("SELECT asked_at FROM schedules WHERE name = 'retention'") is None
        assert await city.scalar("SELECT ran_at FROM schedules WHERE name = 'retention'") == city.clock()
        await act(admin, "monthly", "on")
        await timetable.follow()
        assert scheduler.get_job("monthly") is not None
        await city.execute("UPDATE schedules SET crontab = 'nonsense' WHERE name = 'weekly'")
        await timetable.follow()
        assert scheduler.get_job("weekly") is None
        assert (await admin.get("/staff/schedules")).status_code == 200
    finally:
        scheduler.shutdown(wait=False)
