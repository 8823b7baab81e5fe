"""The Rasa project beside us: when its model is stale, how it is trained, tested and served.

It has an interpreter of its own (Python 3.10) and gets no secret.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import httpx
import yaml
from pydantic import TypeAdapter

from bot import models
from bot.reports import Evaluation
from flows.errors import Unavailable
from flows.wording import LANGS, N_, Lang

PROJECT = Path(__file__).parent.parent / "nlu"
RASA = PROJECT / ".venv" / "bin" / "rasa"
MODELS = PROJECT / "models"
PYTHON = RASA.with_name("python")
EXAMPLE = re.compile(r"^ {6}- (\S.*\S|\S)\s*$", re.MULTILINE)  # a line of the block of `examples:`
INPUTS = ("config.yml", "domain.yml", "requirements.lock", "data", "components")

QUIET = dict(
    line.split("=", 1) for line in (PROJECT / "quiet.env").read_text("utf-8").splitlines() if not line.startswith("#")
)
EVALUATION = TypeAdapter(Evaluation)
OF_EACH_KIND = ("열린정부파트너십이 뭐예요?", "What is the net zero goal?", "OGP 알려줘", "ㅋㅋ", "😀 !!", "010")
SAID_MOST_CHARS = 2_000
PORT, STATUS_DEADLINE_S = 5005, 5.0
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class TrainingFailed(Unavailable):
    message = N_("The intent model could not be trained. Rasa said:\n{said}")


class EvaluationFailed(Unavailable):
    message = N_("The intent models could not be compared. Rasa said:\n{said}")


def environment(data_dir: Path) -> dict[str, str]:
    """What the NLU process may see of ours."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    data_dir = data_dir.resolve()
    ours = {"DATA_DIR": str(data_dir), "RASA_CACHE_DIRECTORY": str(data_dir / "rasa-cache")}
    return {**passed, **QUIET, **ours}


def intents() -> set[str]:
    """What the model is taught to tell apart, by name."""
    return {*yaml.safe_load((PROJECT / "domain.yml").read_text("utf-8"))["intents"]}


@cache
def examples() -> dict[tuple[Lang, str], tuple[str, ...]]:
    """The examples of the training files, by language and intent."""
    known = intents()
    return {
        (lang, file.stem): tuple(EXAMPLE.findall(file.read_text("utf-8")))
        for lang in LANGS
        for file in sorted((PROJECT / "data" / lang).glob("*.yml"))
        if file.stem in known
    }


def inputs_hash() -> str:
    digest = hashlib.sha256()
    for name in INPUTS:
        path = PROJECT / name
        files = sorted(p for p in path.rglob("*") if p.suffix in {".py", ".yml"}) if path.is_dir() else [path]
        for file in files:
            digest.update(file.relative_to(PROJECT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def model_path(data_dir: Path, learnt: str | None = None) -> Path:
    """Where the model to serve is, or will be: its name is the hash of the inputs here and of what staff taught it.

    What staff taught is what the model in use was taught (`DATA_DIR/models/current`), unless `learnt` says otherwise.
    So new inputs make a new model that still knows it; an older model is served where somebody chose it with the
    inputs as they are. One that learnt nothing lies in `nlu/models`, for every data folder; the others in
    `DATA_DIR/models`.
    """
    inputs = inputs_hash()
    if learnt is None:
        chosen = models.choices(data_dir).now
        name = models.read_name(chosen.file) if chosen and chosen.inputs == inputs else None
        if name and (just_this := _path(data_dir, name)).exists():
            return just_this
        learnt = models.learnt_in_use(data_dir)
    return _path(data_dir, models.Name(inputs, learnt))


def _path(data_dir: Path, name: models.Name) -> Path:
    return (models.folder(data_dir) if name.learnt else MODELS) / name.file


def ensure_model(data_dir: Path, learnt: str | None = None) -> Path:
    """The model at `model_path`, trained if it is not there. Whoever else wants it meanwhile waits for it.

    Raises TrainingFailed.
    """
    model = model_path(data_dir, learnt)
    if not model.exists():
        learnt = models.learnt_in_use(data_dir) if learnt is None else learnt
        model.parent.mkdir(parents=True, exist_ok=True)
        with (model.parent / "training").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not model.exists():
                _train(data_dir, learnt, model)
        if not learnt:
            models.drop_old(MODELS.glob(models.FILES), models.needed(data_dir))
    return model


def _train(data_dir: Path, learnt: str, model: Path) -> None:
    with tempfile.TemporaryDirectory(dir=model.parent) as out:
        data = PROJECT / "data"
        if learnt:
            data = training_data(data_dir, learnt, Path(out) / "data")
        command = [str(RASA), "train", "nlu", "--fixed-model-name", "damso", "--out", out, "--nlu", str(data)]
        done = _run(command, data_dir)
        if done.returncode:
            raise TrainingFailed(said=(done.stdout + done.stderr)[-SAID_MOST_CHARS:])
        (Path(out) / "damso.tar.gz").replace(model)


def evaluate(data_dir: Path, compared: Sequence[Path]) -> Evaluation:
    """What each model makes of the held-out sentences (`nlu/evaluate.py`): half a minute for two.

    Held-out sentences that are among the examples of one of them do not count. Raises EvaluationFailed.
    """
    learnt = {name.learnt for model in compared if (name := models.read_name(model.name)) and name.learnt}
    folders = [str(models.examples_folder(data_dir, of)) for of in learnt]
    command = [str(PYTHON), "evaluate.py", *map(str, compared), "--learnt", *folders]
    done = _run(command, data_dir)
    if done.returncode:
        raise EvaluationFailed(said=(done.stdout + done.stderr)[-SAID_MOST_CHARS:])
    return EVALUATION.validate_json(done.stdout.splitlines()[-1])


def training_data(data_dir: Path, learnt: str, folder: Path) -> Path:
    """The training data and beside it what staff taught, save what was taught for an intent that is gone.

    What staff dropped is left out.
    """
    shutil.copytree(PROJECT / "data", folder)
    for lang, intent, text in models.read_dropped(data_dir, learnt):
        file = folder / lang / f"{intent}.yml"
        if file.exists():
            lines = file.read_text("utf-8").splitlines(keepends=True)
            file.write_text("".join(line for line in lines if line.strip() != f"- {text}"), "utf-8")
    known = intents()
    kept = [example for example in models.read_examples(data_dir, learnt) if example[1] in known]
    models.write_training_files(folder / "learnt", kept)
    return folder


def _run(command: Sequence[str], data_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=PROJECT, env=environment(data_dir), capture_output=True, text=True, check=False)


def serve_command(model: Path, port: int) -> list[str]:
    """How the model is served: on loopback only, since whoever reaches it may replace the model."""
    return [str(RASA), "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port), "-m", str(model)]


def announce(data_dir: Path, url: str) -> None:
    """Say where our own NLU process is. Whoever reads meanwhile gets the old address or the new."""
    fresh = data_dir / "nlu-url.new"
    fresh.write_text(url, "utf-8")
    fresh.replace(data_dir / "nlu-url")


def withdraw(data_dir: Path) -> None:
    (data_dir / "nlu-url").unlink(missing_ok=True)


def address(data_dir: Path) -> str:
    """Where our own NLU process is at the moment; where `damso nlu serve` would be when none was announced."""
    try:
        return (data_dir / "nlu-url").read_text("utf-8")
    except FileNotFoundError:
        return f"http://127.0.0.1:{PORT}"


def serves(url: str, model: str | None = None) -> bool:
    """Whether a loaded model answers there (and is the one of this file name)."""
    found = loaded(url)
    return bool(found) and model in (None, found)


def loaded(url: str) -> str | None:
    """The file name of the model that answers there; None while nobody answers.

    Empty where Rasa could not load its model: it listens once it has tried, and then answers 409 for good.
    """
    try:
        status = httpx.get(f"{url}/status", timeout=STATUS_DEADLINE_S)
        if status.status_code == httpx.codes.CONFLICT:
            return ""
        return str(status.raise_for_status().json()["model_file"])
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None


def understands(url: str) -> bool:
    """Whether the model there can deal with sentences: one made for other components may load, and fail at some."""
    try:
        asked = [httpx.post(f"{url}/model/parse", json={"text": t}, timeout=STATUS_DEADLINE_S) for t in OF_EACH_KIND]
        return all(answer.is_success for answer in asked)
    except httpx.HTTPError:
        return False


def test_command(model: Path, out: Path) -> list[str]:
    """Rasa's own evaluation against the held-out sentences."""
    held_out = PROJECT / "tests"
    return [str(RASA), "test", "nlu", "--nlu", str(held_out), "--model", str(model), "--out", str(out)]
