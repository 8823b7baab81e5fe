"""What staff accepted is learnt, judged and put to use while people go on asking; and taken back with one command."""

import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from bot import embedded, models, nlu
from bot.models import Name, NothingBefore
from flows.understanding import Understanding
from tests.operating.test_run import Service, telegram  # noqa: F401  # a fixture
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


# --- the whole, with the real model ----------------------------------------------------------------------------------

LEARNT = "우리 동네 달빛어울림한마당 이야기 좀 해 주세요"
ACCEPTED = (
    "INSERT INTO unanswered (lang, text, confidence, at, state, intent) "
    "VALUES ('ko', %s, 0.1, now(), 'accepted', 'ask_ogp')"
)


@pytest.fixture(scope="module")
def service(telegram: str) -> Iterator[Service]:  # noqa: F811
    """In a folder that other runs of pytest do not shut the database out of (see `postgres` in conftest.py)."""
    if not nlu.RASA.exists():
        pytest.skip("the Rasa project is not installed: make install")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        running = Service(Path(folder), telegram)
        running.start()
        yield running
        running.stop()


@contextmanager
def asking(service: Service) -> Iterator[list[tuple[float, float]]]:
    """Somebody asks something new every 50 ms or so; gives how long each answer took, and how sure the model was.

    It is sure of nothing, 0.0, when it is away.
    """
    answers: list[tuple[float, float]] = []
    enough = threading.Event()
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            while not enough.wait(0.05):
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
    """Training takes minutes, so the candidate is a copy of the model in use; the rest is as it always is.

    First it is only kept, for staff to read its report.
    """
    first = service.command("nlu", "train").stdout.strip()
    with psycopg.connect(embedded.running(service.folder), autocommit=True) as rows:
        rows.execute(ACCEPTED, [LEARNT])  # as if asked: which words a model is not sure of changes with each
    learnt = models.keep_examples(service.folder, [("ko", "ask_ogp", LEARNT)])
    candidate = nlu.model_path(service.folder, learnt)
    candidate.parent.mkdir()
    shutil.copy(first, candidate)

    broken = candidate.with_name(THREE.file)
    broken.write_bytes(candidate.read_bytes()[:100_000])

    with asking(service) as answers:
        kept = service.command("nlu", "train", "--no-activate")
        assert kept.stdout.strip() == str(candidate), kept.stderr
        assert nlu.serves(nlu.address(service.folder), Path(first).name)
        listed = service.command("nlu", "list").stdout.splitlines()
        assert any("taught 1" in line and "in use" not in line for line in listed), listed
        assert any("taught 0" in line and "in use" in line for line in listed), listed
        shown = service.command("nlu", "show", candidate.name).stdout
        assert "taught ko: ask_ogp 1" in shown
        assert "sentences newly wrong: 0" in shown, "a copy is as good as what it was copied from"

        trained = service.command("nlu", "train")
        assert trained.returncode == 0, trained.stderr
        assert trained.stdout.strip() == str(candidate)
        assert "The running service answers with it." in trained.stderr
        assert "ko: right and sure: in use" in trained.stderr
        assert nlu.serves(nlu.address(service.folder), candidate.name)
        assert service.command("nlu", "train").stdout == trained.stdout, "nothing new, and yet another model"
        time.sleep(6)  # until the process of the model before has left

        refused = service.command("nlu", "activate", broken.name)
        assert refused.returncode == 1
        assert "cannot work with the model" in refused.stderr
        assert nlu.serves(nlu.address(service.folder), candidate.name), "it went on with another than before"
        assert "in use" in service.command("nlu", "show", candidate.name).stdout.splitlines()[0]

        back = service.command("nlu", "rollback")
        assert back.returncode == 0, back.stderr
        assert back.stdout.strip() == first
        assert nlu.serves(nlu.address(service.folder), Path(first).name)
        time.sleep(6)
    lost = sum(confidence == 0.0 for _, confidence in answers)
    slowest_s = max(took for took, _ in answers)
    assert lost == 0, f"of {len(answers)} questions {lost} did not reach a model; the slowest took {slowest_s:.1f} s"
    assert sum("rasa run" in " ".join(p.cmdline()).replace("/rasa", " rasa") for p in service.family()) == 1
    assert service.command("nlu", "rollback").returncode == 1, "there is nothing before the first"
    assert service.health() == "ok"
