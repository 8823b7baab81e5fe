"""What staff accepted is learnt, judged and put to use while people go on asking; and taken back with one command."""

import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import yaml

from bot import embedded, models, nlu
from bot.models import Name, NothingBefore
from flows.understanding import Understanding
from tests.operating.test_run import ROOT, Service, telegram, wait_for  # noqa: F401  # a fixture
from tests.rasa_server import RasaServer, serving

ONE, TWO, THREE = Name("0" * 16), Name("0" * 16, "a" * 8), Name("0" * 16, "b" * 8)


# --- the rules, by themselves ----------------------------------------------------------------------------------------


def test_steps_back_go_the_way_the_models_came(tmp_path: Path) -> None:
    folder = models.folder(tmp_path)
    with pytest.raises(NothingBefore):
        models.roll_back(tmp_path)
    assert models.choices(tmp_path).now is None
    models.activate(tmp_path, folder / TWO.file, before=nlu.MODELS / ONE.file, inputs=ONE.inputs)
    models.activate(tmp_path, folder / THREE.file, before=folder / TWO.file, inputs=ONE.inputs)
    went = [models.choices(tmp_path).now]
    for _ in range(2):
        models.roll_back(tmp_path)
        went.append(models.choices(tmp_path).now)
    assert [choice.file for choice in went if choice] == [THREE.file, TWO.file, ONE.file]
    with pytest.raises(NothingBefore):
        models.roll_back(tmp_path)


def test_new_inputs_make_a_new_model_that_still_knows_what_staff_taught(tmp_path: Path) -> None:
    assert nlu.model_path(tmp_path).parent == nlu.MODELS, "nothing was taught: one model for every data folder"
    learnt = models.keep_examples(tmp_path, [("ko", "ask_ogp", "오지피가 뭔가요")])
    of_old_inputs = models.folder(tmp_path) / Name("0" * 16, learnt).file
    of_old_inputs.parent.mkdir()
    of_old_inputs.touch()
    models.activate(tmp_path, of_old_inputs, before=nlu.MODELS / ONE.file, inputs=ONE.inputs)
    assert nlu.model_path(tmp_path) == models.folder(tmp_path) / Name(nlu.inputs_hash(), learnt).file
    models.roll_back(tmp_path)
    assert nlu.model_path(tmp_path).parent == nlu.MODELS


def test_examples_come_back_as_they_were_and_mean_nothing_special_to_rasa(tmp_path: Path) -> None:
    taught: list[models.Example] = [
        ("en", "greet", "what is [this](theme) and ${HOME}? - : # \"'"),
        ("en", "ask_ogp", "two\nlines"),
        ("ko", "out_of_scope", "비가 오나요? {아마}"),
        ("ko", "out_of_scope", "  [] "),
    ]
    learnt = models.keep_examples(tmp_path, taught)
    read = models.read_examples(tmp_path, learnt)
    assert set(read) == {
        ("en", "greet", "what is this (theme) and $ HOME ? - : # \"'"),
        ("en", "ask_ogp", "two lines"),
        ("ko", "out_of_scope", "비가 오나요? 아마"),
    }
    assert models.keep_examples(tmp_path, [*reversed(taught), taught[0]]) == learnt, "order and repeats change nothing"
    assert models.keep_examples(tmp_path, []) == ""


def test_what_was_taught_lies_beside_the_training_data(tmp_path: Path) -> None:
    taught: list[models.Example] = [("ko", "ask_ogp", "오지피가 뭔가요"), ("en", "no_longer_there", "what now")]
    folder = nlu.training_data(tmp_path, models.keep_examples(tmp_path, taught), tmp_path / "data")
    assert {path.name for path in folder.iterdir()} == {"ko", "en", "entities.yml", "learnt"}
    assert [path.name for path in (folder / "learnt").iterdir()] == ["ko.yml"], "the domain has no such intent"


async def test_another_address_is_another_model_and_nothing_of_the_one_before_is_kept(rasa: RasaServer) -> None:
    rasa.means("자전거", "ask_transport")
    where = [rasa.url]
    understanding, after = Understanding(lambda: where[-1]), RasaServer()
    after.means("자전거", "ask_net_zero_goal")
    async with serving(after.app) as after.url:
        asked = [(await understanding.parse("자전거")).intent.name for _ in range(2)]
        where.append(after.url)
        asked += [(await understanding.parse("자전거")).intent.name for _ in range(2)]
        await understanding.close()
    assert asked == ["ask_transport", "ask_transport", "ask_net_zero_goal", "ask_net_zero_goal"]
    assert (len(rasa.asked), len(after.asked)) == (1, 1)


def test_a_process_that_runs_is_found_and_one_that_was_stopped_is_not(tmp_path: Path) -> None:
    assert nlu.address(tmp_path).endswith(str(nlu.PORT)), "where `damso nlu serve` would be"
    nlu.announce(tmp_path, "http://127.0.0.1:1")
    assert nlu.address(tmp_path) == "http://127.0.0.1:1"
    nlu.withdraw(tmp_path)
    assert nlu.address(tmp_path).endswith(str(nlu.PORT))


def test_two_that_want_the_same_model_train_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rasa, runs = tmp_path / "rasa", tmp_path / "runs"
    rasa.write_text(f'#!/bin/sh\necho "$@" >> {runs}\ntouch "$6/damso.tar.gz"\n')
    rasa.chmod(0o755)
    monkeypatch.setattr(nlu, "RASA", rasa)
    monkeypatch.setattr(nlu, "MODELS", tmp_path / "untaught")
    with ThreadPoolExecutor(4) as several:
        found = {*several.map(nlu.ensure_model, [tmp_path] * 4)}
    assert found == {nlu.MODELS / Name(nlu.inputs_hash()).file}
    assert len(runs.read_text().splitlines()) == 1


# --- the whole, with a real model of a few intents: trained and judged in seconds ------------------------------------

INTENTS = {"ask_ogp", "ask_net_zero_goal", "greet", "thank", "goodbye", "subscribe"}
LEARNT = "우리 동네 달빛어울림한마당 이야기 좀 해 주세요"
ACCEPTED = (
    "INSERT INTO unanswered (lang, text, confidence, at, state, intent) "
    "VALUES ('ko', %s, 0.1, now(), 'accepted', 'ask_ogp')"
)


def with_few_intents(root: Path) -> Path:
    """The program as it is, but the intent model's data and held-out sentences are those of INTENTS."""
    project = root / "nlu"
    project.mkdir()
    for name in ("bot", "flows", "locales"):
        (root / name).symlink_to(ROOT / name)
    for path in nlu.PROJECT.iterdir():
        if path.name not in {"data", "tests", "models"}:
            (project / path.name).symlink_to(path)
    for file in (nlu.PROJECT / "data").rglob("*.yml"):
        if file.stem in {*INTENTS, "entities"}:
            link = project / file.relative_to(nlu.PROJECT)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file)
    (project / "tests").mkdir()
    for file in (nlu.PROJECT / "tests").glob("*.yml"):
        content = yaml.safe_load(file.read_text())
        content["nlu"] = [block for block in content["nlu"] if block.get("intent") in INTENTS]
        (project / "tests" / file.name).write_text(yaml.safe_dump(content, allow_unicode=True))
    return root


@pytest.fixture(scope="module")
def service(telegram: str) -> Iterator[Service]:  # noqa: F811
    """In folders that other runs of pytest do not shut the database out of (see `postgres` in conftest.py)."""
    if not nlu.RASA.exists():
        pytest.skip("the Rasa project is not installed: make install")
    with (
        tempfile.TemporaryDirectory() as root,
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
    ):
        running = Service(Path(folder), telegram, with_few_intents(Path(root)))
        running.start()
        yield running
        running.stop()


@contextmanager
def asking(service: Service) -> Iterator[list[tuple[float, float]]]:
    """Somebody asks something new every 100 ms or so; gives how long each answer took, and how sure the model was.

    It is sure of nothing, 0.0, when it is away.
    """
    answers: list[tuple[float, float]] = []
    enough = threading.Event()
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            while not enough.wait(0.1):
                asked = time.monotonic()
                answer = service.chat(text=f"열린정부파트너십이 뭐예요? {len(answers)}")
                answers.append((time.monotonic() - asked, answer["intent"]["confidence"]))
        except BaseException as problem:  # told by the test's own thread
            failed.append(problem)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield answers
    finally:
        enough.set()
        thread.join()
    assert not failed, failed


@pytest.mark.model
def test_another_model_takes_over_while_people_ask_and_goes_again(service: Service) -> None:
    """First it is only kept, for staff to read its report."""
    first = service.command("nlu", "train").stdout.strip()
    with psycopg.connect(embedded.running(service.folder), autocommit=True) as rows:
        rows.execute(ACCEPTED, [LEARNT])  # as if asked: which words a model is not sure of changes with each
    unsure = service.chat(text=LEARNT)["intent"]

    with asking(service) as answers:
        kept = service.command("nlu", "train", "--no-activate")
        candidate = Path(kept.stdout.strip())
        assert candidate.parent == models.folder(service.folder), kept.stderr
        assert nlu.serves(nlu.address(service.folder), Path(first).name)
        listed = service.command("nlu", "list").stdout.splitlines()
        assert any("taught 1" in line and "in use" not in line for line in listed), listed
        assert any("taught 0" in line and "in use" in line for line in listed), listed
        shown = service.command("nlu", "show", candidate.name).stdout
        assert "taught ko: ask_ogp 1" in shown
        assert "sentences newly wrong: " in shown

        trained = service.command("nlu", "train", "--margin", "5")
        assert trained.returncode == 0, trained.stderr
        assert trained.stdout.strip() == str(candidate)
        assert "The running service answers with it." in trained.stderr
        assert "ko: right and sure: in use" in trained.stderr
        assert nlu.serves(nlu.address(service.folder), candidate.name)
        sure = service.chat(text=LEARNT)["intent"]
        assert sure["name"] == "ask_ogp"
        assert sure["confidence"] > unsure["confidence"], "it did not learn what staff taught it"
        assert service.command("nlu", "train").stdout == trained.stdout, "nothing new, and yet another model"

        broken = candidate.with_name(THREE.file)
        broken.write_bytes(candidate.read_bytes()[:100_000])
        refused = service.command("nlu", "activate", broken.name)
        assert refused.returncode == 1
        assert "cannot work with the model" in refused.stderr
        assert nlu.serves(nlu.address(service.folder), candidate.name), "it went on with another than before"
        assert "in use" in service.command("nlu", "show", candidate.name).stdout.splitlines()[0]

        back = service.command("nlu", "rollback")
        assert back.returncode == 0, back.stderr
        assert back.stdout.strip() == first
        assert nlu.serves(nlu.address(service.folder), Path(first).name)
        wait_for(lambda: serving_processes(service) == 1, 30, "the process of the model before has not left")
    lost = sum(confidence == 0.0 for _, confidence in answers)
    slowest_s = max(took for took, _ in answers)
    assert lost == 0, f"of {len(answers)} questions {lost} did not reach a model; the slowest took {slowest_s:.1f} s"
    assert service.command("nlu", "rollback").returncode == 1, "there is nothing before the first"
    assert service.health() == "ok"


def serving_processes(service: Service) -> int:
    return sum("rasa run" in " ".join(p.cmdline()).replace("/rasa", " rasa") for p in service.family())
