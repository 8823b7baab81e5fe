"""Staff tell everybody something at once: on every page, and in every chat before the next answer."""

import asyncio
import re
from dataclasses import replace
from datetime import datetime

import httpx
import pytest
from sqlalchemy import event

from bot.web import create_app
from flows import announcing
from flows.accounts import Role
from flows.announcing import TEXT_MOST_CHARS, Announcement
from flows.city import Both, danger_in, zone
from flows.store import Database
from flows.wording import Lang
from tests.city import Citizen, City, StaffBrowser

WORDS = Both(
    ko="광주천 물이 넘치고 있습니다.\n하천 산책로에서 나와 주세요.", en="The river is flooding.\nLeave the paths."
)
HEAD = {"ko": "[긴급 공지 2026년 3월 2일 10:00]", "en": "[Emergency notice, 2 March 2026, 10:00]"}
PAGES = (
    "/",
    "/commitments",
    "/commitments/KRGNJ0001",
    "/updates",
    "/suggestions",
    "/open-data",
    "/privacy",
    "/nowhere",
    "/suggestions?receipt=oops",
    "/staff/sign-in",
)


async def announce(city: City, words: Both = WORDS, until: datetime | None = None) -> Announcement:
    async with city.damso.db.transaction() as tx:
        return await announcing.start(tx, words, until, at=city.clock())


async def stop(city: City) -> None:
    async with city.damso.db.transaction() as tx:
        await announcing.stop(tx, at=city.clock())


async def banner(city: City, path: str, lang: Lang) -> str:
    """What stands in the notice of a page; nothing when it has none."""
    html = (await city.http.get(path, params={"lang": lang} | dict(re.findall(r"(\w+)=(\w+)", path)))).text
    return "".join(re.findall(r'emergency" role="status">(.*?)</div>', html, re.DOTALL))


def is_notice(reply: dict[str, object], lang: str = "ko") -> bool:
    return str(reply["text"]) == f"{HEAD[lang]}\n{WORDS.ko if lang == 'ko' else WORDS.en}"


async def shown(citizen: Citizen, said: str) -> list[bool]:
    """Which of the replies to a pressed button are the notice."""
    return [is_notice(reply, citizen.lang) for reply in (await citizen.press(said))["replies"]]


# --- in a chat ---


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_it_stands_before_the_next_answer_once(city: City, lang: Lang) -> None:
    mina, jisu = city.citizen(lang), city.citizen(lang)
    assert await shown(mina, "ask:ogp") == [False]
    await announce(city)
    for citizen in (mina, jisu):
        answer = await citizen.press("ask:ogp")
        assert [is_notice(reply, lang) for reply in answer["replies"]] == [True, False]
        assert answer["replies"][1]["topic"] == "ogp"
        assert answer.intent == "ask_ogp"
        assert await shown(citizen, "ask:net_zero_goal") == [False]


async def test_it_comes_again_with_the_greeting_and_the_menu_while_it_lasts(city: City) -> None:
    mina = city.citizen()
    await announce(city)
    for asked in ("greet", "menu", "menu"):
        assert await shown(mina, asked) == [True, False]
    assert is_notice((await mina.say("/menu"))["replies"][0])
    await stop(city)
    for asked in ("greet", "menu", "ask:ogp"):
        assert await shown(mina, asked) == [False]


async def test_it_follows_the_language_of_the_answer(city: City) -> None:
    mina = city.citizen("ko")
    await announce(city)
    answer = await mina.say("hello there", lang="en")
    assert is_notice(answer["replies"][0], "en")


async def test_it_ends_by_itself(city: City) -> None:
    await announce(city, until=datetime(2026, 3, 2, 12, 0, tzinfo=zone()))
    city.clock.set("2026-03-02 11:59")
    assert await shown(city.citizen(), "greet") == [True, False]
    assert await banner(city, "/", "ko")
    city.clock.forward(minutes=1)
    assert await shown(city.citizen(), "greet") == [False]
    assert not await banner(city, "/", "ko")


async def test_another_takes_its_place_and_is_shown_to_who_has_read_the_first(city: City) -> None:
    mina = city.citizen()
    await announce(city)
    await mina.press("ask:ogp")
    await announce(city, Both(ko="물이 빠졌습니다.", en="The water has gone."))
    answer = await mina.press("ask:ogp")
    assert "물이 빠졌습니다." in answer["replies"][0]["text"]
    assert WORDS.ko not in answer.text
    await stop(city)
    assert await shown(mina, "menu") == [False], "the first one does not come back"


async def test_the_same_words_again_only_change_the_end(city: City) -> None:
    """A form is sent twice, or somebody needs it to last longer: nobody is told again."""
    mina = city.citizen()
    first = await announce(city)
    await mina.press("ask:ogp")
    city.clock.forward(minutes=5)
    later = datetime(2026, 3, 2, 12, 0, tzinfo=zone())
    again = await announce(city, until=later)
    assert (again.id, again.since, again.until) == (first.id, first.since, later)
    assert await shown(mina, "ask:ogp") == [False]


async def test_two_editors_at_once_leave_one(city: City) -> None:
    async with asyncio.TaskGroup() as editors:
        for number in range(5):
            editors.create_task(announce(city, Both(ko=f"공지 {number}", en=f"Notice {number}")))
    assert await city.scalar("SELECT count(*) FROM announcements") == 5
    assert await city.scalar("SELECT count(*) FROM announcements WHERE until IS NULL") == 1


async def test_words_of_danger_are_answered_first(city: City) -> None:
    await announce(city)
    danger = danger_in("불이 났어요")
    assert danger
    first, second = (await city.citizen().say("불이 났어요"))["replies"]
    assert first["text"].startswith(danger.reply.ko.strip())
    assert is_notice(second)


async def test_the_first_answer_keeps_the_privacy_notice(city: City) -> None:
    await announce(city)
    notice, answer = (await city.citizen("en").press("ask:ogp"))["replies"]
    assert "/privacy" not in notice["text"]
    assert answer["text"].endswith("Please write no personal data here.")


async def test_a_repeated_message_gets_the_same_answer(city: City) -> None:
    mina = city.citizen()
    await announce(city)
    first = await mina.press("ask:ogp", message_id="once")
    assert await mina.press("ask:ogp", message_id="once") == first
    assert is_notice(first["replies"][0])


async def test_whoever_was_refused_has_not_been_shown_it(city: City) -> None:
    mina = city.citizen()
    await mina.press("menu")
    await announce(city)
    refused = await city.http.post("/api/chat", json={"session": mina.session, "choice": "ask:nothing"})
    assert refused.status_code == 422
    assert await shown(mina, "ask:ogp") == [True, False]


async def test_it_interrupts_no_suggestion(city: City) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    await announce(city)
    answer = await mina.say("버스 정류장에 그늘막을 늘려 주세요")
    assert is_notice(answer["replies"][0])
    assert "submit_suggestion:skip" in answer.choices


async def test_signs_of_a_pattern_in_it_are_only_signs(city: City) -> None:
    """What staff write is never read as a placeholder or as markup."""
    words = Both(ko="{time} %s <b>위험</b>", en="{time} %s <b>danger</b>")
    await announce(city, words)
    assert words.ko in (await city.citizen().press("greet"))["replies"][0]["text"]
    assert "&lt;b&gt;danger" in await banner(city, "/updates", "en")


async def test_it_costs_a_statement_where_it_is_shown_and_none_elsewhere(city: City) -> None:
    async def statements(citizen: Citizen) -> int:
        asked: list[str] = []
        listening = (city.damso.db.engine.sync_engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        event.listen(*listening)
        await citizen.press("bot_identity")
        event.remove(*listening)
        return len(asked)

    mina = city.citizen()
    await mina.press("menu")
    without = await statements(mina)
    await announce(city)
    assert await statements(mina) == without + 1
    assert await statements(mina) == without


# --- on a page ---


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_it_stands_on_every_page_in_its_language(city: City, lang: Lang) -> None:
    for path in PAGES:
        assert not await banner(city, path, lang)
    await announce(city)
    for path in PAGES:
        said = await banner(city, path, lang)
        assert {"ko": "긴급 공지", "en": "Emergency notice"}[lang] in said, path
        assert "2026-03-02 10:00" in said
        assert WORDS.of(lang) in said, path
        assert WORDS.of("en" if lang == "ko" else "ko") not in said
    await stop(city)
    for path in PAGES:
        assert not await banner(city, path, lang)


async def test_it_stands_in_the_chat_without_javascript_too(city: City) -> None:
    await announce(city)
    html = (await city.http.post("/", params={"lang": "en"}, data={"choice": "ask:ogp"})).text
    assert html.count("The river is flooding.") == 2, "at the top, and as the first reply"


async def test_pages_that_need_no_database_do_without_it(city: City) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
    transport = httpx.ASGITransport(create_app(replace(city.damso, db=nowhere)))
    async with httpx.AsyncClient(transport=transport, base_url="http://damso.test") as http:
        for path in ("/", "/open-data"):
            assert (await http.get(path)).status_code == 200


# --- in the console ---


async def form(staff: StaffBrowser, **more: str) -> tuple[int, str]:
    response = await staff.post("/staff/announcement", **{"ko": WORDS.ko, "en": WORDS.en, "until": "", **more})
    return response.status_code, response.text


async def test_an_editor_reads_it_once_more_before_everybody_does(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    status, preview = await form(editor)
    assert status == 200
    assert WORDS.ko in preview
    assert WORDS.en in preview
    assert await city.scalar("SELECT count(*) FROM announcements") == 0
    assert not await banner(city, "/", "ko")

    status, changing = await form(editor, step="change")
    assert status == 200
    assert "<textarea" in changing
    assert WORDS.ko in changing, "what was typed is not lost"

    status, _ = await form(editor, step="show")
    assert status == 303
    assert WORDS.ko in await banner(city, "/", "ko")
    assert WORDS.en in (await editor.get("/staff/announcement")).text


async def test_an_editor_stops_it(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    await form(editor, step="show")
    seen = str(await city.scalar("SELECT id FROM announcements"))
    assert (await editor.post("/staff/announcement/stop", seen=seen)).status_code == 303
    assert not await banner(city, "/", "ko")
    assert (await editor.post("/staff/announcement/stop", seen=seen)).status_code == 409


@pytest.mark.parametrize("seen", ["", "0", "x", "9" * 40, "²"])
async def test_what_was_not_seen_is_not_stopped(city: City, seen: str) -> None:
    editor = await city.staff(Role.EDITOR)
    await announce(city)
    assert (await editor.post("/staff/announcement/stop", seen=seen)).status_code == 409
    assert await banner(city, "/", "ko")


async def test_one_that_another_editor_has_replaced_is_not_stopped_by_mistake(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    first = await announce(city)
    await announce(city, Both(ko="새 공지", en="A new one"))
    assert (await editor.post("/staff/announcement/stop", seen=str(first.id))).status_code == 409
    assert "새 공지" in await banner(city, "/", "ko")


async def test_the_record_says_who_did_what(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    await form(editor, step="show")
    await form(editor, step="show", until="2026-03-02T12:00")
    number = await city.scalar("SELECT id FROM announcements")
    await editor.post("/staff/announcement/stop", seen=str(number))
    acts = await city.scalar("SELECT string_agg(action || ' ' || target, ', ' ORDER BY id) FROM audit")
    assert acts == ", ".join(f"announcement.{act} {number}" for act in ("started", "end_changed", "stopped"))
    assert await city.scalar("SELECT count(*) FROM audit JOIN staff ON staff.id = staff_id") == 3


async def test_a_reviewer_does_not_tell_everybody(city: City) -> None:
    reviewer = await city.staff(Role.REVIEWER)
    assert (await form(reviewer, step="show"))[0] == 403
    shown_now = await announce(city)
    assert (await reviewer.post("/staff/announcement/stop", seen=str(shown_now.id))).status_code == 403
    assert await city.scalar("SELECT count(*) FROM announcements WHERE until IS NULL") == 1
    assert "/staff/announcement" not in (await reviewer.get("/staff")).text


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"ko": ""}, "ko"),
        ({"en": " \r\n "}, "en"),
        ({"ko": "가" * (TEXT_MOST_CHARS + 1)}, "ko"),
        ({"en": "a" * (TEXT_MOST_CHARS + 1), "until": "soon"}, "en until"),
        ({"until": "2026-03-02T10:00"}, "until"),
        ({"until": "2027-03-04T10:00"}, "until"),
        ({"until": "0001-01-01T00:00"}, "until"),
        ({"until": "9999-12-31T23:59-23:59"}, "until"),
        ({"ko": "", "en": "", "until": "2026-02-30T10:00"}, "ko en until"),
    ],
    ids=lambda given: str(given)[:40],
)
@pytest.mark.parametrize("step", ["", "show"])
async def test_what_cannot_be_shown_names_its_fields(city: City, wrong: dict[str, str], fields: str, step: str) -> None:
    status, html = await form(await city.staff(Role.EDITOR), step=step, **wrong)
    assert status == 422
    assert {*re.findall(r'id="(\w+)-error"', html)} == {*fields.split()}
    assert await city.scalar("SELECT count(*) FROM announcements") == 0


async def test_the_longest_that_is_allowed_is_shown(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    status, _ = await form(
        editor, ko="가" * TEXT_MOST_CHARS, en="a" * TEXT_MOST_CHARS, until="2027-03-02T10:00", step="show"
    )
    assert status == 303
