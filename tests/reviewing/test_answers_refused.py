"""What is not whole is not saved, with a word beside each field; the console checks what the files are checked for."""

import re
from html import unescape

import pytest

from flows.accounts import Role
from flows.answering import PART_MOST_CHARS, read_topics
from flows.city import OfficeHours
from flows.city import city as the_city
from tests.city import City
from tests.reviewing.test_answers_edited import EN, KO, decide, fields, propose, send

OGP = read_topics()["ogp"]


@pytest.mark.parametrize(
    ("changed", "errors"),
    [
        ({"answer_en": ""}, {"answer_en": "both languages"}),
        ({"answer_ko": " \n ", "answer_en": ""}, {"answer_ko": "both languages", "answer_en": "both languages"}),
        ({"answer_ko": "", "plain_en": ""}, {"answer_ko": "both languages", "plain_en": "both languages"}),
        ({"when_ko": "언제"} | {"when_en": ""}, {"when_en": "both languages"}),
        ({"more_ko": "가" * (PART_MOST_CHARS + 1)}, {"more_ko": f"{PART_MOST_CHARS} characters"}),
        ({"sources": []}, {"sources": "at least one source"}),
        ({"sources": ["nowhere"]}, {"sources": "no source named nowhere"}),
        ({"as_of": ""}, {"as_of": "a year, a month or a day"}),
        ({"as_of": "2026-13"}, {"as_of": "a year, a month or a day"}),
        ({"as_of": "last week"}, {"as_of": "a year, a month or a day"}),
        ({"review_by": "soon"}, {"review_by": "a date"}),
        ({"review_by": ""}, {"review_by": "a date"}),
        ({"review_by": "2026-01-31"}, {"review_by": "before the date of the information"}),
        (
            {"as_of": "x", "review_by": "x", "answer_ko": ""},
            {"as_of": "a year", "review_by": "a date", "answer_ko": ""},
        ),
    ],
)
async def test_each_field_says_what_is_wrong_with_it(
    city: City, changed: dict[str, str | list[str]], errors: dict[str, str]
) -> None:
    editor = await city.staff(Role.EDITOR)
    await editor.get("/staff", lang="en")
    form = await fields(editor) | {"answer_ko": KO, "answer_en": EN} | changed
    status, page = await send(editor, form)
    assert status == 422
    found = dict(re.findall(r'<p class="field__error" id="([a-z_]+)-error">([^<]*)', page))
    assert found.keys() == errors.keys()
    assert all(said in unescape(found[name]) for name, said in errors.items()), found
    assert str(form["more_en"]) in unescape(page), "what was typed is lost"
    assert await city.scalar("SELECT count(*) FROM answer_versions") == 0


async def test_a_part_may_be_left_out_in_both_languages(city: City) -> None:
    editor, mina = await city.staff(Role.EDITOR), city.citizen()
    await decide(editor, await propose(editor, plain_ko="", plain_en="", more_ko="", more_en=""))
    choices = (await mina.press("ask:ogp")).choices
    assert not {"more_detail", "plain_language:ogp"} & {*choices}


async def test_nothing_is_saved_twice_and_nothing_that_is_no_change(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    assert (await send(editor, await fields(editor)))[0] == 422
    form = await fields(editor) | {"answer_ko": KO, "answer_en": EN}
    assert (await send(editor, form))[0] == 303
    assert (await send(editor, form))[0] == 409, "sent twice"
    assert await city.scalar("SELECT count(*) FROM answer_versions") == 1


async def test_the_contact_goes_on_citing_what_the_office_hours_rest_on(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = await city.staff(Role.EDITOR)
    first, *others = read_topics()["contact"].sources
    hours = {"days": ["mon"], "from": "09:00", "until": "18:00", "note": {"ko": "가", "en": "a"}, "as_of": "2026-01-01"}
    monkeypatch.setitem(the_city().__dict__, "office_hours", OfficeHours.model_validate({**hours, "source": first}))
    status, page = await send(editor, await fields(editor, "contact") | {"sources": others}, "contact")
    assert (status, first in page) == (422, True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/staff/content/nowhere", 404),
        ("/staff/content/nowhere/edit", 404),
        ("/staff/content/ogp/texts/1", 404),
        ("/staff/content/ogp/texts/x", 404),
        ("/staff/content/ogp/texts/99999999999999999999", 404),
        ("/staff/content/ogp/texts/file", 200),
    ],
)
async def test_what_is_not_there_is_said_so(city: City, path: str, status: int) -> None:
    staff = await city.staff()
    assert (await staff.get(path)).status_code == status
    assert (await staff.get("/staff/content/ogp/edit", **{"from": "7"})).status_code == 404


@pytest.mark.parametrize(("act", "seen", "status"), [("use", "", 409), ("use", "made up", 409), ("dance", "", 422)])
async def test_a_form_that_makes_no_sense_puts_nothing_to_use(city: City, act: str, seen: str, status: int) -> None:
    editor = await city.staff(Role.EDITOR)
    number = await propose(editor)
    response = await editor.post(f"/staff/content/ogp/texts/{number}", act=act, seen=seen)
    assert response.status_code == status
    assert await city.scalar("SELECT count(*) FROM answer_uses") == 0


async def test_another_answers_text_is_none_of_this_one(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    number = await propose(editor)
    assert (await editor.get(f"/staff/content/contact/texts/{number}")).status_code == 404


async def test_markup_in_a_text_is_words(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    number = await propose(editor, answer_ko="<script>alert(1)</script>", answer_en="<b>bold</b>")
    page = (await editor.get(f"/staff/content/ogp/texts/{number}")).text
    assert "<script>alert" not in page
    assert "<b>" not in page


async def test_a_text_of_the_longest_kind_can_be_sent(city: City) -> None:
    """It is under the limit of a request's body."""
    editor = await city.staff(Role.EDITOR)
    form = await fields(editor) | {f"{part}_ko": "가" * PART_MOST_CHARS for part in ("answer", "plain", "more")}
    form |= {f"{part}_ko": "가" * PART_MOST_CHARS for part in ("when", "who")}
    form |= {f"{part}_en": "a" * PART_MOST_CHARS for part in ("answer", "plain", "more", "when", "who")}
    many = {name: (None, value) for name, value in form.items() if isinstance(value, str)}
    files = [*many.items(), *(("sources", (None, id_)) for id_ in form["sources"])]
    response = await editor.http.post("/staff/content/ogp/edit", files=files)
    assert response.status_code == 303, response.text
