"""The city's files and what staff put to use in their place: told apart, written into files, settled."""

import re
import shutil
from datetime import date
from pathlib import Path

import pytest
import yaml

from flows import answering
from flows.accounts import Role
from flows.answering import check_content, export_topics, overridden, read_topics, record_reviews
from flows.answering.content import HERE
from flows.answering.exporting import rewritten
from flows.answering.in_use import text_of
from flows.city import Both
from flows.topics import Written
from tests.city import City
from tests.reviewing.test_answers_edited import EN, KO, decide, propose

OGP = read_topics()["ogp"]


async def overrides(city: City) -> dict[str, answering.Override]:
    async with city.damso.db.transaction() as tx:
        return await answering.overrides(tx)


async def settle(city: City) -> None:
    """What every start does."""
    async with city.damso.db.transaction() as tx:
        await answering.settle(tx, at=city.clock())


async def said(city: City, topic: str = "ogp") -> str:
    items = (await city.http.get("/api/topics", params={"lang": "ko"})).json()["items"]
    return str(next(it["answer"] for it in items if it["topic"] == topic)).strip()


async def test_the_answers_in_use_are_written_as_files_that_are_whole(city: City, tmp_path: Path) -> None:
    editor = await city.staff(Role.EDITOR)
    await decide(editor, await propose(editor, plain_ko="", plain_en="", as_of="2026-03", review_by="2027-05-01"))
    shutil.copy(HERE / "sources.yml", tmp_path)
    assert export_topics(tmp_path / "topics", await overrides(city)) == ["ogp"]
    for path in (HERE / "topics").glob("*.yml"):
        same = path.read_text("utf-8") == (tmp_path / "topics" / path.name).read_text("utf-8")
        assert same is (path.stem != "ogp"), f"{path.name} was written anew without need, or not at all"
    written = Written.model_validate(yaml.safe_load((tmp_path / "topics/ogp.yml").read_text("utf-8")))
    assert (written.answer.ko.strip(), written.answer.en.strip(), written.plain) == (KO, EN, None)
    assert (written.as_of, written.review_by, written.title) == ("2026-03", date(2027, 5, 1), OGP.title)
    record_reviews(None, date(2026, 12, 1), tmp_path)
    intents = {topic.intent for topic in read_topics().values()}
    assert check_content(intents, tmp_path) == ["ogp.yml: plain: nobody has written it yet"]


@pytest.mark.parametrize(
    "words", ["가: # 나\n\n- 다", "'\"\n\\n {x} [y] & * ! | > % @ `", "😀 1\n\n\n  two", "yes", "---"]
)
def test_whatever_is_written_comes_back_from_the_file(words: str) -> None:
    file = (HERE / "topics/ogp.yml").read_text("utf-8") + "# the last line is a comment\n"
    text = text_of(OGP).model_copy(update={"answer": Both(ko=words, en=words), "who": None, "as_of": "2026"})
    again = rewritten(file, text)
    assert text_of(Written.model_validate(yaml.safe_load(again))) == text
    assert rewritten(again, text_of(OGP)) == file, "what was not changed does not stay as it was"


async def test_a_file_that_changes_under_a_text_is_said_and_staff_choose(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = await city.staff(Role.EDITOR)
    number = await propose(editor)
    await decide(editor, number)
    (line,) = overridden(await overrides(city))
    assert line.startswith(f"ogp.yml: text {number} of the console is in use in its place")
    changed = OGP.model_copy(update={"answer": Both(ko="파일의 새 글", en="New in the file")})
    monkeypatch.setitem(read_topics(), "ogp", changed)
    (line,) = overridden(await overrides(city))
    assert line.startswith(f"ogp.yml: changed under text {number} of the console, still in use")
    assert await said(city) == KO
    assert "File changed since" in (await editor.get("/staff/content", lang="en")).text
    page = (await editor.get(f"/staff/content/ogp/texts/{number}", lang="en")).text
    assert re.search("<del>.*New in the file", page), "what the two texts differ in is not shown"

    assert await decide(editor, number) == 303, "keep it"
    assert "changed under" not in overridden(await overrides(city))[0]
    assert await decide(editor, "file") == 303
    assert await said(city) == "파일의 새 글"
    assert overridden(await overrides(city)) == []


async def test_once_the_file_has_taken_it_over_the_file_holds_again(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = await city.staff(Role.EDITOR)
    await decide(editor, await propose(editor))
    await settle(city)
    assert [*await overrides(city)] == ["ogp"], "the file says something else"
    taken_over = OGP.model_copy(update={"answer": Both(ko=f"{KO}\n", en=f"{EN}\n")})
    monkeypatch.setitem(read_topics(), "ogp", taken_over)
    assert overridden(await overrides(city)) == []
    assert "says the same by now" in (await editor.get("/staff/content/ogp", lang="en")).text
    await settle(city)
    await settle(city)
    assert await city.scalar("SELECT count(*) FROM answer_uses") == 2
    monkeypatch.setitem(read_topics(), "ogp", OGP)
    assert await said(city) == OGP.answer.ko.strip(), "a later change of the file does not count"


async def test_a_text_whose_source_is_gone_gives_way_to_the_file(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    editor, mina = await city.staff(Role.EDITOR), city.citizen()
    number = await propose(editor, sources=[OGP.sources[1]])
    await decide(editor, number)
    monkeypatch.delitem(answering.read_sources(), OGP.sources[1])  # type: ignore[arg-type]  # it is a dict
    assert await said(city) == OGP.answer.ko.strip()
    assert (await mina.press("ask:ogp"))["replies"][0]["topic"] == "ogp"
    (line,) = overridden(await overrides(city))
    assert "a source of it is gone" in line
    assert (await editor.get("/staff/content/ogp")).status_code == 200
    assert (await editor.get(f"/staff/content/ogp/texts/{number}")).status_code == 200
    assert await decide(editor, number) == 409
    assert await decide(editor, "file") == 303


async def test_what_cannot_be_read_any_more_is_passed_over(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    await decide(editor, await propose(editor))
    await city.scalar("UPDATE answer_versions SET content = '{\"answer\": 1}' RETURNING 1")
    assert await said(city) == OGP.answer.ko.strip()
    assert (await editor.get("/staff/content/ogp")).status_code == 200
