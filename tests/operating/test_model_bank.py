"""Models are kept with their reports: what a report says, which are kept, and any of them put to use again."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from bot import bank, models, nlu, reports
from bot.cli import main
from bot.models import Choice, Choices, Name
from bot.reports import Answer, Comparison, Report, ScoreFell, Scores, Sentence
from flows.wording import Lang
from tests.rasa_server import RasaServer, serving

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OTHER = "0" * 16  # no inputs hash to these digits


def name(number: int, inputs: str = "") -> Name:
    """Of the project's present inputs, unless others are given."""
    return Name(inputs or nlu.inputs_hash(), f"{number:08x}")


def keep(data_dir: Path, name: Name, *, trained: int = 0, report: bool = False, **scores: float) -> Path:
    """A made-up model, trained some seconds after the first, and its report."""
    path = models.folder(data_dir) / name.file
    path.parent.mkdir(exist_ok=True)
    path.touch()
    os.utime(path, (AT.timestamp() + trained,) * 2)
    if report or scores:
        reports.write_report(data_dir, Report(str(name), name.inputs, AT, AT, {}, scores_of(scores)))
    return path


def scores_of(right: dict[str, float]) -> dict[Lang, Scores]:
    return {lang: Scores(100, right[lang], 0.9, 0.9, 0.1, 0.8) for lang in ("ko", "en") if lang in right}


def damso(data_dir: Path, *words: str) -> Result:
    """The command, beside no running service."""
    nlu.announce(data_dir, "http://127.0.0.1:1")
    return CliRunner().invoke(main, words, env={"DATA_DIR": str(data_dir), "NLU_URL": None})


def names(data_dir: Path, pattern: str = models.FILES) -> set[str]:
    return {path.name for path in models.folder(data_dir).glob(pattern)}


# --- what a report says ----------------------------------------------------------------------------------------------

RIGHT = Sentence("오지피가 뭐예요", "ask_ogp", "ko")
FOREIGN = Sentence("여권은 어디서 만들어요", "out_of_scope", "ko")


def surely(*guesses: str) -> Answer:
    return Answer(guesses, is_sure=True)


def unsure(*guesses: str) -> Answer:
    return Answer(guesses, is_sure=False)


@pytest.mark.parametrize(
    ("sentence", "answer", "right", "first", "in_three", "wrong_but_sure", "refused"),
    [
        (RIGHT, surely("ask_ogp", "greet"), 1, 1, 1, 0, None),
        (RIGHT, unsure("ask_ogp", "greet"), 0, 1, 1, 0, None),
        (RIGHT, surely("greet", "menu", "ask_ogp"), 0, 0, 1, 1, None),
        (RIGHT, surely("out_of_scope", "ask_ogp"), 0, 0, 1, 1, None),
        (RIGHT, unsure("greet", "menu", "thank"), 0, 0, 0, 0, None),
        (FOREIGN, surely("out_of_scope"), 1, None, None, None, 1),
        (FOREIGN, unsure("ask_ogp"), 1, None, None, None, 1),
        (FOREIGN, surely("ask_ogp", "out_of_scope"), 0, None, None, None, 0),
    ],
)
def test_what_counts_as_what(
    sentence: Sentence,
    answer: Answer,
    right: float,
    first: float | None,
    in_three: float | None,
    wrong_but_sure: float | None,
    refused: float | None,
) -> None:
    measured = reports.measure([sentence], [answer])
    assert measured == {"ko": Scores(1, right, first, in_three, wrong_but_sure, refused)}


def test_languages_are_measured_apart() -> None:
    sentences = [RIGHT, RIGHT, Sentence("what is ogp", "ask_ogp", "en")]
    measured = reports.measure(sentences, [surely("ask_ogp"), surely("greet"), surely("ask_ogp")])
    assert (measured["ko"].right, measured["en"].right) == (0.5, 1.0)


def test_a_comparison_names_what_is_newly_wrong_and_newly_right() -> None:
    sentences = [RIGHT, FOREIGN, Sentence("hello", "greet", "en"), Sentence("bye", "goodbye", "en")]
    before = [surely("ask_ogp"), surely("greet"), surely("greet"), surely("menu")]
    now = [unsure("ask_ogp"), unsure("greet"), surely("greet"), surely("thank")]
    compared = reports.compare("damso-before", sentences, before, now)
    (wrong,), (right,) = compared.newly_wrong.first, compared.newly_right.first
    assert (wrong.text, wrong.meant, wrong.before, wrong.now) == (RIGHT.text, "ask_ogp", "ask_ogp", "nlu_fallback")
    assert (right.text, right.before, right.now) == (FOREIGN.text, "greet", "nlu_fallback")
    assert compared.scores == reports.measure(sentences, before)


def test_at_most_fifty_changes_are_kept_and_all_are_counted() -> None:
    compared = reports.compare("damso-before", [RIGHT] * 60, [surely("ask_ogp")] * 60, [surely("greet")] * 60)
    assert (compared.newly_wrong.count, len(compared.newly_wrong.first)) == (60, 50)


@pytest.mark.parametrize(
    ("old", "new", "margin", "is_taken"),
    [
        ({"ko": 0.90, "en": 0.90}, {"ko": 0.91, "en": 0.90}, 1.0, True),
        ({"ko": 0.90, "en": 0.90}, {"ko": 0.89, "en": 0.90}, 1.0, True),
        ({"ko": 0.90, "en": 0.90}, {"ko": 0.99, "en": 0.889}, 1.0, False),
        ({"ko": 0.90, "en": 0.90}, {"ko": 0.899, "en": 0.90}, 0.0, False),
        ({"ko": 0.90, "en": 0.90}, {"ko": 0.80, "en": 0.80}, 20.0, True),
        ({"ko": 0.90, "en": 0.90}, {"ko": 0.95}, 1.0, False),
    ],
    ids=["better", "just within", "one language falls", "no margin", "wide margin", "a language is gone"],
)
def test_a_model_is_taken_only_if_no_language_falls_by_more_than_the_margin(
    old: dict[str, float], new: dict[str, float], margin: float, is_taken: bool
) -> None:
    nothing = reports.Changes(0, ())
    compared = Comparison("damso-before", scores_of(old), nothing, nothing)
    report = Report("damso-new", OTHER, AT, AT, {}, scores_of(new), compared)
    if is_taken:
        reports.judge(report, margin)
        return
    with pytest.raises(ScoreFell) as refused:
        reports.judge(report, margin)
    assert "--margin" in refused.value.said("en")
    assert "damso nlu activate" in refused.value.said("en")


def test_a_report_comes_back_as_it_was_and_a_broken_one_is_none(tmp_path: Path) -> None:
    compared = reports.compare("damso-before", [RIGHT], [surely("ask_ogp")], [unsure("greet")])
    report = Report("damso-new", OTHER, AT, AT, {"ko": {"ask_ogp": 2}}, scores_of({"ko": 0.5}), compared)
    reports.write_report(tmp_path, report)
    assert reports.read_report(tmp_path, "damso-new") == report
    for broken in ('{"name": "damso-new"}', "[", ""):
        (models.folder(tmp_path) / "damso-new.json").write_text(broken)
        assert reports.read_report(tmp_path, "damso-new") is None, broken
    assert reports.read_report(tmp_path, "damso-other") is None


def test_what_staff_taught_is_counted_by_language_and_intent() -> None:
    taught: Sequence[models.Example] = [("en", "greet", "hi"), ("ko", "greet", "안녕"), ("ko", "greet", "여보세요")]
    assert reports.count_taught(taught) == {"en": {"greet": 1}, "ko": {"greet": 2}}


def test_examples_that_the_model_in_use_was_not_taught_are_counted(tmp_path: Path) -> None:
    taught: list[models.Example] = [("ko", "ask_ogp", "오지피가 뭔가요"), ("en", "greet", "hi [there]")]
    assert models.count_unlearnt(tmp_path, taught) == 2
    learnt = models.keep_examples(tmp_path, taught[:1])
    models.activate(tmp_path, Path(Name(OTHER, learnt).file), before=Path("x"), inputs=OTHER)
    assert models.count_unlearnt(tmp_path, taught) == 1
    assert models.count_unlearnt(tmp_path, [*taught[:1], *taught[:1]]) == 0


# --- which are kept --------------------------------------------------------------------------------------------------


def test_the_ten_latest_are_kept_and_the_one_in_use_and_the_one_before_however_old(tmp_path: Path) -> None:
    paths = [keep(tmp_path, name(n), trained=n, report=True) for n in range(14)]
    for now, before in ((paths[0], paths[2]), (paths[1], paths[0])):
        models.activate(tmp_path, now, before=before, inputs=nlu.inputs_hash())
    bank.drop_old(tmp_path)
    kept = {name(n) for n in (0, 1, *range(4, 14))}
    assert names(tmp_path) == {n.file for n in kept}
    assert names(tmp_path, "*.json") == {f"{n}.json" for n in kept}, "a report goes with its model"


def test_a_model_that_learnt_nothing_keeps_its_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nlu, "MODELS", tmp_path / "untaught")
    untaught = Name(nlu.inputs_hash())
    for named in (untaught, name(1)):
        reports.write_report(tmp_path, Report(str(named), OTHER, AT, AT, {}, {}))
    nlu.MODELS.mkdir()
    (nlu.MODELS / untaught.file).touch()
    bank.drop_old(tmp_path)
    assert names(tmp_path, "*.json") == {f"{untaught}.json"}


# --- any of them put to use again ------------------------------------------------------------------------------------


def test_the_list_says_which_is_in_use_and_how_good_each_is(tmp_path: Path) -> None:
    paths = [keep(tmp_path, name(1), trained=1, ko=0.9, en=0.85), keep(tmp_path, name(2), trained=2)]
    models.keep_examples(tmp_path, [])
    (tmp_path / "nlu-extra" / name(1).learnt).mkdir(parents=True)
    models.activate(tmp_path, paths[0], before=paths[1], inputs=nlu.inputs_hash())
    lines = [line for line in damso(tmp_path, "nlu", "list").stdout.splitlines() if str(name(1))[:-1] in line]
    assert [line.split()[0] for line in lines] == [str(name(2)), str(name(1))], "the latest first"
    assert "not evaluated" in lines[0]
    assert "ko 90.0%  en 85.0%" in lines[1]
    assert ["in use" in line for line in lines] == [False, True]


def test_a_kept_model_is_put_to_use_by_the_beginning_of_its_name(tmp_path: Path) -> None:
    paths = [keep(tmp_path, name(n), trained=n) for n in (0x10000000, 0x20000000)]
    done = damso(tmp_path, "nlu", "activate", str(name(0x10000000))[:-6])
    assert (done.exit_code, done.stdout.strip()) == (0, str(paths[0])), done.stderr
    assert nlu.model_path(tmp_path) == paths[0]
    assert damso(tmp_path, "nlu", "activate", name(0x10000000).file).exit_code == 0
    assert len(models.choices(tmp_path).before) == 1, "put to use twice, it would take two steps to go back"


@pytest.mark.parametrize("command", ["activate", "show", "evaluate"])
def test_unknown_and_ambiguous_names_are_refused(tmp_path: Path, command: str) -> None:
    for n in (1, 2):
        keep(tmp_path, name(n))
    unknown = damso(tmp_path, "nlu", command, "damso-xyz")
    assert (unknown.exit_code, "damso-xyz" in unknown.stderr) == (1, True)
    ambiguous = damso(tmp_path, "nlu", command, str(name(1))[:-1])
    assert ambiguous.exit_code == 1
    assert str(name(1)) in ambiguous.stderr
    assert str(name(2)) in ambiguous.stderr
    assert damso(tmp_path, "nlu", command).exit_code == 2
    assert models.choices(tmp_path) == Choices(None)


def test_the_whole_name_is_never_ambiguous(tmp_path: Path) -> None:
    longer, shorter = keep(tmp_path, name(1, OTHER)), keep(tmp_path, Name(OTHER))
    kept = bank.versions(tmp_path)
    assert bank.find(kept, shorter.name.removesuffix(".tar.gz")).path.name == shorter.name
    assert bank.find(kept, longer.name).path == longer


def test_a_report_is_shown_in_words(tmp_path: Path) -> None:
    keep(tmp_path, name(1))
    assert "not evaluated" in damso(tmp_path, "nlu", "show", str(name(1))).stdout
    compared = reports.compare("damso-before", [RIGHT], [surely("ask_ogp")], [surely("greet")])
    taught: reports.Taught = {"ko": {"ask_ogp": 2}}
    scores = reports.measure([RIGHT], [surely("greet")])
    reports.write_report(tmp_path, Report(str(name(1)), OTHER, AT, AT, taught, scores, compared))
    shown = damso(tmp_path, "nlu", "show", str(name(1))).stdout
    assert "compared with damso-before, in use then" in shown
    assert "ko: right and sure: in use 100.0%, this 0.0%" in shown
    assert "ko: out of scope refused: in use –, this –" in shown
    assert "sentences newly wrong: 1" in shown
    assert f"{RIGHT.text} (ask_ogp): before ask_ogp, now greet" in shown


def test_a_model_of_other_inputs_is_chosen_until_the_inputs_change(tmp_path: Path) -> None:
    older, now = keep(tmp_path, name(1, OTHER)), nlu.inputs_hash()
    models.activate(tmp_path, older, before=nlu.MODELS / Name(now).file, inputs=now)
    assert nlu.model_path(tmp_path) == older
    models.set_choices(tmp_path, Choices(Choice(older.name, "1" * 16)))
    assert nlu.model_path(tmp_path) != older, "the program was upgraded since"
    older.unlink()
    models.set_choices(tmp_path, Choices(Choice(older.name, now)))
    assert nlu.model_path(tmp_path) == nlu.MODELS / Name(now).file, "it is gone, and what it was taught too"


def test_going_back_from_an_older_model_leads_to_what_was_in_use(tmp_path: Path) -> None:
    older, now = keep(tmp_path, name(1, OTHER)), nlu.inputs_hash()
    newer = keep(tmp_path, name(2))
    (tmp_path / "nlu-extra" / name(2).learnt).mkdir(parents=True)
    models.activate(tmp_path, newer, before=nlu.MODELS / Name(now).file, inputs=now)
    models.activate(tmp_path, older, before=newer, inputs=now)
    models.activate(tmp_path, newer, before=older, inputs=now)
    went = []
    for _ in range(2):
        models.roll_back(tmp_path)
        went.append(nlu.model_path(tmp_path))
    assert went == [older, newer]


def test_a_choice_of_before_older_models_could_be_chosen_is_read(tmp_path: Path) -> None:
    models.write(models.folder(tmp_path) / "current", f"{name(1).file}\n")
    assert models.choices(tmp_path).now == Choice(name(1).file, nlu.inputs_hash())


def test_a_model_of_other_inputs_needs_a_running_service_to_try_it(tmp_path: Path) -> None:
    keep(tmp_path, name(1, OTHER))
    refused = damso(tmp_path, "nlu", "activate", str(name(1, OTHER)))
    assert refused.exit_code == 1
    assert "start the service" in refused.stderr
    assert models.choices(tmp_path) == Choices(None)


async def test_a_model_that_loads_and_then_fails_is_no_good(rasa: RasaServer) -> None:
    assert await asyncio.to_thread(nlu.understands, rasa.url)
    rasa.down = True
    assert not await asyncio.to_thread(nlu.understands, rasa.url)
    assert not nlu.understands("http://127.0.0.1:1")


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, {"model_file": "damso-1.tar.gz"}, "damso-1.tar.gz"),
        (409, {"status": "failure"}, ""),
        (503, {}, None),
        (200, {}, None),
        (200, [], None),
    ],
)
async def test_a_model_that_cannot_be_loaded_is_told_from_one_that_still_is(
    status: int, body: object, found: str | None
) -> None:
    app = FastAPI()
    app.get("/status")(lambda: JSONResponse(body, status))
    async with serving(app) as url:
        assert await asyncio.to_thread(nlu.loaded, url) == found
        assert await asyncio.to_thread(nlu.serves, url) is bool(found)
        assert await asyncio.to_thread(nlu.serves, url, "damso-2.tar.gz") is False
