"""Staff write examples of what people say, or propose that one goes; an editor accepts, and the next training obeys."""

import re
from html import unescape
from pathlib import Path

import pytest

from bot import models, nlu
from flows import answering
from flows.accounts import Role
from tests.city import City, StaffBrowser
from tests.reviewing.test_learning import send

NEW = "옥상 텃밭에 태양광 같이 놓는 모임이 궁금해요"
KNOWN = nlu.examples()["ko", "ask_ogp"][0]


async def change(staff: StaffBrowser, act: str, example: str, intent: str = "ask_ogp", lang: str = "ko") -> int:
    response = await staff.post(f"/staff/intents/{intent}", act=act, example=example, lang=lang)
    return response.status_code


async def decide(city: City, staff: StaffBrowser, act: str, part: str = "proposed") -> int:
    ids = str(await city.scalar("SELECT max(id) FROM unanswered"))
    return await send(staff, "decide", ids, act=act, part=part)


async def taught(city: City) -> tuple[list[answering.Example], list[answering.Example]]:
    async with city.damso.db.transaction() as tx:
        return await answering.accepted_examples(tx), await answering.dropped_examples(tx)


async def test_an_answer_and_an_acting_intent_show_their_examples(city: City) -> None:
    staff = await city.staff(Role.REVIEWER)
    assert "/staff/intents/ask_ogp" in (await staff.get("/staff/content/ogp")).text
    listed = (await staff.get("/staff/intents")).text
    assert {"ask_ogp", "subscribe", "greet", "out_of_scope"} <= {*re.findall(r"/staff/intents/(\w+)", listed)}
    for intent in ("ask_ogp", "subscribe"):
        page = unescape((await staff.get(f"/staff/intents/{intent}")).text)
        for lang in ("ko", "en"):
            assert all(f">{example}<" in page for example in nlu.examples()[lang, intent]), (intent, lang)


async def test_a_new_example_takes_the_way_of_the_labelled_questions(city: City) -> None:
    reviewer, editor = await city.staff(Role.REVIEWER, "r@example.org"), await city.staff(Role.EDITOR, "e@example.org")
    assert await change(reviewer, "add", NEW) == 303
    waiting = (await editor.get("/staff/questions", part="proposed", lang="en")).text
    assert NEW in waiting
    assert "an example that staff wrote" in waiting
    assert await taught(city) == ([], [])
    assert await decide(city, reviewer, "accept") == 403
    assert await decide(city, editor, "accept") == 303
    assert await taught(city) == ([("ko", "ask_ogp", NEW)], [])
    assert NEW in (await reviewer.get("/staff/intents/ask_ogp")).text
    assert await decide(city, editor, "reject", part="accepted") == 303
    assert await taught(city) == ([], [])
    assert NEW not in (await editor.get("/staff/questions")).text, "it has no other meaning to be given"


async def test_an_example_of_the_files_goes_once_an_editor_agrees(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    assert await change(editor, "drop", KNOWN) == 303
    assert "which is to be dropped" in (await editor.get("/staff/questions", part="proposed", lang="en")).text
    assert await change(editor, "drop", KNOWN) == 409, "proposed already"
    assert await taught(city) == ([], [])
    assert await decide(city, editor, "accept") == 303
    assert await taught(city) == ([], [("ko", "ask_ogp", KNOWN)])
    assert "has not learnt one of these yet" in (await editor.get("/staff/questions", part="accepted", lang="en")).text
    assert await decide(city, editor, "reject", part="accepted") == 303
    assert await change(editor, "drop", KNOWN) == 303, "taken back, it can be proposed anew"


@pytest.mark.parametrize("again", [KNOWN, f"  {KNOWN}  ", f"{KNOWN} ??", KNOWN.replace(" ", "")])
async def test_what_is_an_example_already_is_refused(city: City, again: str) -> None:
    staff = await city.staff(Role.REVIEWER)
    for intent in ("ask_ogp", "ask_contact"):
        response = await staff.post(f"/staff/intents/{intent}?lang=en", act="add", example=again, lang="ko")
        assert response.status_code == 422
        assert "There is such an example already" in response.text
    assert await change(staff, "add", NEW) == 303
    assert await change(staff, "add", NEW, "ask_contact") == 422, "it waits to become one"
    assert await city.scalar("SELECT count(*) FROM unanswered") == 1


@pytest.mark.parametrize(
    ("act", "example", "status"),
    [
        ("add", "", 422),
        ("add", " ?! ", 422),
        ("add", "가" * 301, 422),
        ("drop", "그런 예문은 없어요", 409),
        ("drop", "", 409),
        ("dance", NEW, 422),
    ],
)
async def test_a_form_that_makes_no_sense_changes_nothing(city: City, act: str, example: str, status: int) -> None:
    staff = await city.staff()
    assert await change(staff, act, example) == status
    assert await city.scalar("SELECT count(*) FROM unanswered") == 0
    assert await change(staff, act, example, intent="no_such_intent") in (404, 409, 422)


async def test_personal_data_in_an_example_is_covered(city: City) -> None:
    staff = await city.staff(Role.REVIEWER)
    assert await change(staff, "add", "제 번호 010-1234-5678로 텃밭 소식 주세요") == 303
    assert await city.scalar("SELECT text FROM unanswered") == "제 번호 ●●●-●●●●-●●●●로 텃밭 소식 주세요"


async def test_an_intent_keeps_enough_to_be_learnt(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    staff = await city.staff()
    few = nlu.examples()["ko", "ask_ogp"][:10]
    monkeypatch.setitem(nlu.examples(), ("ko", "ask_ogp"), few)
    assert await change(staff, "drop", few[0]) == 409


# --- what the training reads -----------------------------------------------------------------------------------------


def test_a_dropped_example_is_left_out_and_all_others_stay(tmp_path: Path) -> None:
    learnt = models.keep_examples(tmp_path, [("ko", "ask_ogp", NEW)], [("ko", "ask_ogp", KNOWN)])
    folder = nlu.training_data(tmp_path, learnt, tmp_path / "data")
    before = (nlu.PROJECT / "data/ko/ask_ogp.yml").read_text("utf-8").splitlines()
    after = (folder / "ko/ask_ogp.yml").read_text("utf-8").splitlines()
    assert [line for line in before if line not in after] == [f"      - {KNOWN}"]
    assert (folder / "en/ask_ogp.yml").read_text("utf-8") == (nlu.PROJECT / "data/en/ask_ogp.yml").read_text("utf-8")
    assert NEW in (folder / "learnt/ko.yml").read_text("utf-8")


def test_what_was_dropped_makes_another_model(tmp_path: Path) -> None:
    taught: list[models.Example] = [("ko", "ask_ogp", NEW)]
    names = {models.keep_examples(tmp_path, *what) for what in ((taught,), (taught, [("ko", "ask_ogp", KNOWN)]))}
    names.add(models.keep_examples(tmp_path, [], [("ko", "ask_ogp", KNOWN)]))
    assert len(names) == 3
    assert "" not in names
    assert models.count_unlearnt(tmp_path, taught, [("ko", "ask_ogp", KNOWN)]) == 2
