"""The console's rules that need no database: who may send what, and what a form may hold."""

import ast
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from bot.pages.staff import router
from bot.pages.staff.acts import act_in_words
from bot.pages.staff.gate import Guarded, _is_from_here, sent_by, signed_in
from bot.pages.staff.plan_forms import MilestoneForm, read_day
from bot.pages.staff.queue import read_filter
from bot.pages.staff.sign_in import _inside
from bot.pages.staff.suggestions import AnswerNotWanted, StateMissing, SuggestionForm
from bot.pages.staff.updates import BadMoment, UpdateForm
from flows.city import Both, zone
from flows.commitments import BadDay
from flows.errors import Invalid
from flows.reviewing import AnswerMissing
from flows.suggesting import Status

NOW = datetime(2026, 11, 24, 3, 0, 30, tzinfo=UTC)  # noon in Seoul
OPEN_TO_ALL = {
    (method, path)
    for method in ("GET", "POST")
    for path in ("/staff/sign-in", "/staff/sign-in/code", "/staff/password/{token}")
}


def calls(dependant: Dependant) -> set[object]:
    return {dependant.call} | {call for child in dependant.dependencies for call in calls(child)}


@pytest.mark.parametrize("route", router.routes, ids=lambda route: f"{min(route.methods)} {route.path}")
def test_no_route_forgets_its_guard(route: APIRoute) -> None:
    assert isinstance(route, Guarded)
    for method in route.methods:
        if (method, route.path) not in OPEN_TO_ALL:
            assert (signed_in if method == "GET" else sent_by) in calls(route.dependant)


@pytest.mark.parametrize(
    ("asked_for", "led_to"),
    [
        ("/staff", "/staff"),
        ("/staff/updates", "/staff/updates"),
        ("/staff?state=received", "/staff?state=received"),
        ("//elsewhere.example/staff", "/staff"),
        ("https://elsewhere.example/staff", "/staff"),
        ("/staffing", "/staff"),
        ("/commitments", "/staff"),
        ("", "/staff"),
    ],
)
def test_signing_in_leads_into_the_console_only(asked_for: str, led_to: str) -> None:
    assert _inside(asked_for) == led_to


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"origin": "http://10.0.0.5:8000"}, True),
        ({"origin": "https://damso.example"}, True),
        ({"origin": "https://elsewhere.example"}, False),
        ({"origin": "null"}, False),
        ({}, True),
    ],
    ids=str,
)
def test_a_form_from_another_site_is_known(headers: dict[str, str], is_ours: bool) -> None:
    damso = SimpleNamespace(settings=SimpleNamespace(pages_url="https://damso.example"))
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/staff",
        "query_string": b"",
        "headers": [(b"host", b"10.0.0.5:8000"), *raw],
        "app": SimpleNamespace(state=SimpleNamespace(damso=damso)),
    }
    assert _is_from_here(Request(scope)) is is_ours


def test_a_filter_keeps_what_makes_sense_and_says_it_again() -> None:
    wanted = read_filter({"state": "received", "commitment": "KRGNJ0001", "theme": "energy", "words": " 버스 "})
    again = "/staff?state=received&commitment=KRGNJ0001&theme=energy&words=%EB%B2%84%EC%8A%A4"
    assert (wanted.url(), wanted.url(after=7)) == (again, f"{again}&after=7")
    nonsense = read_filter({"view": "lost", "state": "lost", "theme": "moon", "words": "\x00", "assignee": "9" * 40})
    assert nonsense.is_empty
    assert nonsense.url() == "/staff"


def test_a_whole_decision_is_read() -> None:
    form = SuggestionForm(to="accepted", answer_ko="좋습니다.", answer_en="Good.")
    assert form.decision() == (Status.ACCEPTED, Both(ko="좋습니다.", en="Good."))
    assert SuggestionForm(to="in_review").decision() == (Status.IN_REVIEW, None)


@pytest.mark.parametrize(
    ("form", "refused", "fields"),
    [
        (SuggestionForm(answer_ko="가", answer_en="a"), StateMissing, {"to"}),
        (SuggestionForm(to="lost", answer_ko="가", answer_en="a"), StateMissing, {"to"}),
        (SuggestionForm(to="in_review", answer_ko="가"), AnswerNotWanted, {"answer_ko"}),
    ],
    ids=["no state", "unknown state", "answer would be lost"],
)
def test_a_decision_that_is_not_whole_names_its_field(
    form: SuggestionForm, refused: type[Invalid], fields: set[str]
) -> None:
    with pytest.raises(refused) as raised:
        form.decision()
    assert set(form.errors(raised.value, "en")) == fields


def test_a_missing_answer_is_named_where_it_is_missing() -> None:
    half, none = SuggestionForm(to="accepted", answer_ko="가"), SuggestionForm(to="accepted")
    assert set(half.errors(AnswerMissing(), "ko")) == {"answer_en"}
    assert set(none.errors(AnswerMissing(), "ko")) == {"answer_ko", "answer_en"}


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("", NOW),
        ("2026-11-24T12:00", NOW),  # this minute, in Seoul: now
        ("2026-11-24T12:01", datetime(2026, 11, 24, 12, 1, tzinfo=zone())),
        ("2026-12-01T09:00", datetime(2026, 12, 1, 9, 0, tzinfo=zone())),
        ("2026-12-01T09:00+00:00", datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
    ],
)
def test_an_update_waits_for_the_citys_clock(written: str, moment: datetime) -> None:
    assert UpdateForm("KRGNJ0001", "가", "a", written).moment(NOW) == moment


@pytest.mark.parametrize("written", ["2026-11-24T11:59", "2062-11-24T12:00", "0001-01-01T00:00", "tomorrow"])
def test_a_moment_that_cannot_be_meant_is_refused(written: str) -> None:
    with pytest.raises(BadMoment):
        UpdateForm("KRGNJ0001", "가", "a", written).moment(NOW)


def test_every_field_of_an_update_is_named_at_once() -> None:
    errors = UpdateForm("KRGNJ9999", "", "a" * 1_001, "never").errors(NOW, {"KRGNJ0001"}, "en")
    assert list(errors) == ["commitment", "ko", "en", "publish_at"]
    later = (NOW + timedelta(days=1)).isoformat()
    assert UpdateForm("KRGNJ0001", "가", "a" * 1_000, later).errors(NOW, {"KRGNJ0001"}, "en") == {}


def test_every_field_of_a_milestone_is_named_at_once() -> None:
    assert list(MilestoneForm("", "a" * 201, "soon").errors("ko")) == ["ko", "en", "due"]
    assert MilestoneForm("토론회", "Hearing", "2026-12-03").errors("ko") == {}


@pytest.mark.parametrize("written", ["", "24.11.2026", "0001-01-01", "20260-01-01", "2026-02-30"])
def test_a_day_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(BadDay):
        read_day(written)


def test_a_day_is_read() -> None:
    assert read_day("2026-11-24") == date(2026, 11, 24)


def test_every_act_of_the_audit_log_has_words() -> None:
    """Those whose name is written out where they are noted."""
    trees = [ast.parse(path.read_text()) for part in ("bot", "flows") for path in Path(part).rglob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    noted = [call for call in calls if ast.unparse(call.func).rpartition(".")[2].endswith("audit")]
    written = [word for call in noted for arg in call.args for word in ast.walk(arg) if isinstance(word, ast.Constant)]
    acts = {str(word.value) for word in written if re.fullmatch(r"[a-z_]+\.[a-z_]+", str(word.value))}
    assert len(acts) > 50
    assert {act for act in acts if act_in_words(act, "ko") is None} == set()
