"""Editors read how good each intent model is; an administrator puts one of them to use."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx

from bot import models, nlu, reports
from bot.models import Name
from bot.reports import Answer, Report, Sentence
from bot.web import create_app
from flows.accounts import Role
from flows.wording import Lang
from tests.city import City, StaffBrowser

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ASKED, HELLO = Sentence("자전거 대여소는 어디에 있나요", "ask_transport", "ko"), Sentence("hello there", "greet", "en")
WELL = [Answer(("ask_transport", "greet"), is_sure=True), Answer(("greet",), is_sure=True)]
BADLY = [Answer(("ask_transport", "greet"), is_sure=False), Answer(("greet",), is_sure=True)]


def data_dir(city: City) -> Path:
    return city.damso.settings.data_dir


def keep(city: City, learnt: str, answers: list[Answer], *, after: Name | None = None, inputs: str = "") -> Name:
    """A made-up model and its report, compared with `after`, which did everything well."""
    folder, name = data_dir(city), Name(inputs or nlu.inputs_hash(), learnt)
    path = models.folder(folder) / name.file
    path.parent.mkdir(exist_ok=True)
    path.touch()
    os.utime(path, (AT.timestamp(),) * 2)
    models.write_training_files(models.examples_folder(folder, learnt), [("ko", "ask_transport", "자전거 있어요")])
    sentences = [ASKED, HELLO]
    compared = reports.compare(str(after), sentences, WELL, answers) if after else None
    scores = reports.measure(sentences, answers)
    taught: reports.Taught = {"ko": {"ask_transport": 1}}
    reports.write_report(folder, Report(str(name), name.inputs, AT, AT, taught, scores, compared))
    return name


def put_to_use(city: City, name: Name) -> None:
    path = models.folder(data_dir(city)) / name.file
    models.activate(data_dir(city), path, before=nlu.MODELS / Name(name.inputs).file, inputs=nlu.inputs_hash())


def in_use(city: City) -> str:
    return nlu.model_path(data_dir(city)).name


async def activate(staff: StaffBrowser, name: Name | str, seen: Name | str) -> int:
    response = await staff.post(f"/staff/models/{name}", seen=str(seen))
    return response.status_code


async def test_an_editor_reads_the_report_and_an_administrator_puts_the_model_to_use(city: City) -> None:
    before = keep(city, "a" * 8, WELL)
    put_to_use(city, before)
    new = keep(city, "b" * 8, BADLY, after=before)
    editor, admin = await city.staff(Role.EDITOR, "e@example.org"), await city.staff(Role.ADMIN, "a@example.org")
    listed = (await editor.get("/staff/models", lang="en")).text
    rows = {name: listed.split(f"/staff/models/{name}")[1].split("</tr>")[0] for name in (before, new)}
    assert "In use" in rows[before]
    assert "100.0%" in rows[before]
    assert "In use" not in rows[new]
    assert "0.0%" in rows[new]
    assert "Did worse" in rows[new]

    page = (await editor.get(f"/staff/models/{new}", lang="en")).text
    assert page.index("Newly wrong") < page.index(ASKED.text) < page.index("Newly right")
    assert "Not sure" in page
    assert "before it is put to use" in page
    assert "Put this model to use" not in page, "an editor is offered what they may not do"
    assert await activate(editor, new, before) == 403
    assert in_use(city) == before.file

    assert "Put this model to use" in (await admin.get(f"/staff/models/{new}", lang="en")).text
    assert await activate(admin, new, before) == 303
    assert in_use(city) == new.file
    assert "Put this model to use" not in (await admin.get(f"/staff/models/{new}", lang="en")).text
    assert await city.scalar("SELECT string_agg(action || ' ' || target, ',') FROM audit") == f"model.activated {new}"


async def test_the_scores_stand_beside_those_of_the_model_in_use(city: City) -> None:
    before, new = keep(city, "a" * 8, WELL), keep(city, "b" * 8, BADLY, after=Name("0" * 16))
    put_to_use(city, before)
    staff = await city.staff(Role.EDITOR)
    page = (await staff.get(f"/staff/models/{new}", lang="en")).text
    korean = page.split('id="scores-ko"')[1].split("</table>")[0]
    for heading in ("This model", "In use when this one was evaluated", "In use now"):
        assert heading in korean
    row = korean.split("Right and sure")[1].split("</tr>")[0]
    assert [share in row for share in ("0.0%", "100.0%")] == [True, True]
    put_to_use(city, new)
    assert "In use now" not in (await staff.get(f"/staff/models/{new}", lang="en")).text


async def test_the_second_of_two_administrators_is_told_and_changes_nothing(city: City) -> None:
    first, second, third = (keep(city, letter * 8, WELL) for letter in "abc")
    put_to_use(city, first)
    staff = await city.staff()
    assert await activate(staff, second, first) == 303
    assert await activate(staff, third, first) == 409
    assert in_use(city) == second.file
    assert await city.scalar("SELECT count(*) FROM audit") == 1


async def test_a_model_of_another_program_is_not_put_to_use_when_nothing_runs_to_try_it(city: City) -> None:
    new = keep(city, "a" * 8, WELL, inputs="0" * 16)
    put_to_use(city, now := keep(city, "b" * 8, WELL))
    nlu.announce(data_dir(city), "http://127.0.0.1:1")
    staff = await city.staff()
    assert "Other training data" in (await staff.get("/staff/models", lang="en")).text
    assert await activate(staff, new, now) == 409
    assert in_use(city) == now.file
    assert await city.scalar("SELECT count(*) FROM audit") == 0


async def test_with_a_model_service_elsewhere_the_page_says_why_there_is_no_button(city: City) -> None:
    put_to_use(city, now := keep(city, "a" * 8, WELL))
    new, staff = keep(city, "b" * 8, WELL), await city.staff()
    settings = city.damso.settings.model_copy(update={"nlu_url": "http://nlu.example"})
    app = create_app(replace(city.damso, settings=settings))
    there = httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://damso.test", cookies=staff.http.cookies
    )
    elsewhere = StaffBrowser(there, staff.email)
    for path in ("/staff/models", f"/staff/models/{new}"):
        page = (await elsewhere.get(path, lang="en")).text
        assert "runs elsewhere" in page
        assert "Put this model to use" not in page
    assert await activate(elsewhere, new, now) == 409
    assert in_use(city) == now.file


async def test_what_is_no_model_is_not_found(city: City) -> None:
    staff = await city.staff()
    for path in ("damso-xyz", "..%2Fcurrent", "1"):
        assert (await staff.get(f"/staff/models/{path}")).status_code == 404, path
        assert await activate(staff, path, "") == 404, path
    models.write(models.folder(data_dir(city)) / "damso-nonsense.tar.gz", "")
    assert (await staff.get("/staff/models")).status_code == 200


async def test_a_model_without_a_report_says_so(city: City) -> None:
    name = keep(city, "a" * 8, WELL)
    (models.folder(data_dir(city)) / f"{name}.json").write_text("{")
    staff = await city.staff()
    assert "Not evaluated" in (await staff.get("/staff/models", lang="en")).text
    assert f"damso nlu evaluate {name}" in (await staff.get(f"/staff/models/{name}", lang="en")).text


async def test_accepted_questions_say_how_many_wait_for_the_next_training(city: City) -> None:
    waiting: list[models.Example] = []
    for words, lang in (("자전거 있어요", "ko"), ("자전거 빌려요", "ko"), ("bikes?", "en")):
        city.rasa.means(words, "ask_transport", 0.15)
        await city.citizen(lang).say(words)
        waiting.append((lang_of(lang), "ask_transport", words))
    staff = await city.staff()
    assert "damso nlu train" not in (await staff.get("/staff/questions", part="accepted")).text
    await city.scalar("UPDATE unanswered SET state = 'accepted', intent = 'ask_transport' RETURNING 1")
    page = (await staff.get("/staff/questions", part="accepted", lang="en")).text
    assert "has not learnt 3 of these yet" in page
    assert "damso nlu train" in page
    put_to_use(city, keep(city, "a" * 8, WELL))
    assert "has not learnt 2 of these yet" in (await staff.get("/staff/questions", part="accepted")).text
    put_to_use(city, Name(nlu.inputs_hash(), models.keep_examples(data_dir(city), waiting)))
    assert "has learnt all of these" in (await staff.get("/staff/questions", part="accepted")).text


def lang_of(lang: str) -> Lang:
    return "ko" if lang == "ko" else "en"
