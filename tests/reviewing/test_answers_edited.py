"""An editor changes an answer in the console; the bot says it once it is put to use, and every text is kept."""

import re
from html import unescape

import httpx
import pytest

from bot.app import build
from bot.settings import Settings
from bot.web import create_app
from flows.accounts import Role
from flows.answering import read_topics
from flows.city import city as the_city
from tests.city import Citizen, City, StaffBrowser

OGP = read_topics()["ogp"]
KO, EN = "열린정부파트너십은 새 글입니다.", "OGP, as an editor wrote it."
SOURCE = OGP.sources[0]


async def fields(staff: StaffBrowser, topic: str = "ogp", **query: str) -> dict[str, str | list[str]]:
    """What the form of an answer holds, as a browser would send it back."""
    page = (await staff.get(f"/staff/content/{topic}/edit", **query)).text
    found: dict[str, str | list[str]] = {
        name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page) if name != "sources"
    }
    areas = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.S)
    found |= {name: unescape(text) for name, text in areas}
    found["review_by"] = re.findall(r'name="review_by"[^>]* value="([^"]*)"', page)[0]
    found["sources"] = [unescape(id_) for id_ in re.findall(r'name="sources" value="([^"]*)" checked', page)]
    return found


async def send(staff: StaffBrowser, form: dict[str, str | list[str]], topic: str = "ogp") -> tuple[int, str]:
    """The status, and where it leads or what the page says."""
    response = await staff.http.post(f"/staff/content/{topic}/edit", data=form)
    return response.status_code, response.headers.get("location") or response.text


async def propose(staff: StaffBrowser, topic: str = "ogp", **changed: str | list[str]) -> int:
    """Save a proposal; its number."""
    status, to = await send(staff, await fields(staff, topic) | {"answer_ko": KO, "answer_en": EN} | changed, topic)
    assert status == 303, re.findall(r'field__error"[^>]*>([^<]*)', to)
    found = re.fullmatch(rf"/staff/content/{topic}/texts/(\d+)\?saved=propose", to)
    assert found, to
    return int(found[1])


async def decide(staff: StaffBrowser, number: int | str, act: str = "use", topic: str = "ogp", seen: str = "") -> int:
    page = f"/staff/content/{topic}/texts/{number}"
    seen = seen or unescape(re.findall(r'name="seen" value="([^"]*)"', (await staff.get(page)).text)[0])
    return (await staff.post(page, act=act, seen=seen)).status_code


async def test_a_proposal_is_seen_by_staff_alone_until_it_is_put_to_use(city: City) -> None:
    editor, mina = await city.staff(Role.EDITOR), city.citizen()
    number = await propose(editor)
    assert OGP.answer.ko.strip() in (await mina.press("ask:ogp")).text
    page = (await editor.get(f"/staff/content/ogp/texts/{number}", lang="en")).text
    assert KO in page
    assert EN in page
    assert "Telegram 1, KakaoTalk 1" in page
    assert "To be decided" in (await editor.get("/staff/content", lang="en")).text

    assert await decide(editor, number) == 303
    said = await mina.press("ask:ogp")
    assert KO in said.text
    assert OGP.answer.ko.strip() not in said.text
    assert EN in (await city.citizen("en").press("ask:ogp")).text
    (item,) = [it for it in (await city.http.get("/api/topics")).json()["items"] if it["topic"] == "ogp"]
    assert item["answer"] == KO
    assert "To be decided" not in (await editor.get("/staff/content", lang="en")).text


async def test_every_process_obeys_at_once(city: City, settings: Settings) -> None:
    """Another web process, which has answered with the text before, says the new one with its next answer."""
    editor = await city.staff(Role.EDITOR)
    async with (
        build(settings, database_url=city.database_url, nlu_url=city.rasa.url, now=city.clock) as other,
        httpx.AsyncClient(transport=httpx.ASGITransport(create_app(other)), base_url="http://damso.test") as http,
    ):
        mina = Citizen(http)
        assert OGP.answer.ko.strip() in (await mina.press("ask:ogp")).text
        await decide(editor, await propose(editor))
        assert KO in (await mina.press("ask:ogp")).text
        await decide(editor, "file")
        assert OGP.answer.ko.strip() in (await mina.press("ask:ogp")).text


async def test_search_and_ratings_go_with_the_text(city: City) -> None:
    editor, mina = await city.staff(Role.EDITOR), city.citizen()
    old = next(value for value in (await mina.press("ask:ogp")).choices if value.startswith("rate:"))
    await mina.press(old)
    words = "뭉게구름 소나기 도토리"
    await decide(editor, await propose(editor, answer_ko=f"{words}은 여기에 있습니다."))
    assert "ask:ogp" in (await mina.say(words)).choices
    new = next(value for value in (await mina.press("ask:ogp")).choices if value.startswith("rate:"))
    assert new != old
    page = (await editor.get("/staff/content/ogp", lang="en")).text
    assert re.search(r"Earlier versions</dt><dd>\s*1 of 1", page)
    await decide(editor, "file")
    assert "ask:ogp" not in (await mina.say(words)).choices


async def test_a_later_review_date_and_other_sources_hold_too(city: City) -> None:
    city.clock.set("2027-06-01 10:00")
    editor = await city.staff(Role.EDITOR)
    assert "2027년 3월 31일까지" in (await city.citizen().press("ask:ogp")).text
    await decide(editor, await propose(editor, review_by="2028-01-31", sources=[SOURCE]))
    answer = await city.citizen().press("ask:ogp")
    assert "2027년 3월 31일까지" not in answer.text
    assert len(answer["replies"][0]["sources"]) == 1


async def test_any_text_can_be_put_back_with_one_button(city: City) -> None:
    editor, mina = await city.staff(Role.EDITOR), city.citizen()
    first = await propose(editor)
    await decide(editor, first)
    second = await propose(editor, answer_ko=KO + " 둘째", answer_en=EN + " Second")
    await decide(editor, second)
    assert "둘째" in (await mina.press("ask:ogp")).text
    assert await decide(editor, first) == 303
    assert "둘째" not in (await mina.press("ask:ogp")).text
    assert await decide(editor, first) == 409, "it is in use already"
    page = (await editor.get("/staff/content/ogp", lang="en")).text
    assert f"/staff/content/ogp/texts/{second}" in page
    assert "Used before" in page
    assert await city.scalar("SELECT string_agg(action || ' ' || target, ', ' ORDER BY id) FROM audit") == ", ".join(
        [f"answer.proposed ogp/{first}", "answer.put_to_use ogp", f"answer.proposed ogp/{second}"]
        + ["answer.put_to_use ogp"] * 2
    )


async def test_what_is_different_can_be_read_word_by_word(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    form = await fields(editor)
    changed = str(form["answer_en"]).replace("2011", "2012", 1)
    number = await propose(editor, answer_ko=str(form["answer_ko"]), answer_en=changed)
    page = unescape(
        re.sub(r'<span class="hidden".*?</span>', "", (await editor.get(f"/staff/content/ogp/texts/{number}")).text)
    )
    assert re.search(r"<del>2011[^<]*</del><ins>2012[^<]*</ins>", page)
    assert page.count("<del>") == 1


async def test_the_second_of_two_editors_is_told_and_nothing_is_overwritten(city: City) -> None:
    kim, lee = await city.staff(Role.EDITOR, "kim@example.org"), await city.staff(Role.EDITOR, "lee@example.org")
    begun = await fields(lee)
    number = await propose(kim)
    status, page = await send(lee, begun | {"answer_ko": "이 편집자의 글", "answer_en": "Written by Lee"})
    assert status == 409
    assert "Written by Lee" in page, "what somebody wrote is lost"
    changed = page.split('class="console-form')[0]
    assert re.search(rf"<ins>.*{re.escape(EN)}", changed), "it does not say what the other changed"
    assert await city.scalar("SELECT count(*) FROM answer_versions") == 1
    seen = unescape(re.findall(r'name="seen" value="([^"]*)"', page)[0])
    again = begun | {"answer_ko": "이 편집자의 글", "answer_en": "Written by Lee", "seen": seen}
    assert (await send(lee, again))[0] == 303
    assert await decide(kim, number, seen=str(begun["seen"])) == 409, "decided on without having read Lee's"


async def test_a_proposal_can_be_set_aside_and_stays_to_be_read(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    number = await propose(editor)
    assert await decide(editor, number, "aside") == 303
    page = (await editor.get("/staff/content/ogp", lang="en")).text
    assert "Set aside by an editor" in page
    assert (await fields(editor))["answer_ko"] == OGP.answer.ko.strip()
    assert (await fields(editor, **{"from": str(number)}))["answer_ko"] == KO


async def test_a_reviewer_reads_and_changes_nothing(city: City) -> None:
    reviewer, editor = await city.staff(Role.REVIEWER, "r@example.org"), await city.staff(Role.EDITOR, "e@example.org")
    number = await propose(editor)
    page = (await reviewer.get(f"/staff/content/ogp/texts/{number}")).text
    assert KO in page
    assert 'value="use"' not in page
    assert (await reviewer.get("/staff/content/ogp/edit")).status_code == 403
    assert (await reviewer.post(f"/staff/content/ogp/texts/{number}", act="use", seen="x")).status_code == 403


async def test_where_the_city_wants_a_second_reader_nobody_puts_their_own_text_to_use(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    kim, lee = await city.staff(Role.EDITOR, "kim@example.org"), await city.staff(Role.EDITOR, "lee@example.org")
    monkeypatch.setitem(the_city().__dict__, "answers", the_city().answers.model_copy(update={"second_reader": True}))
    number = await propose(kim)
    assert "another editor has to read it" in (await kim.get(f"/staff/content/ogp/texts/{number}", lang="en")).text
    assert await decide(kim, number) == 403
    assert await decide(lee, number) == 303
    assert await decide(kim, "file") == 303
    assert await decide(kim, number) == 303, "it was read before"
