"""The Rasa project beside us: when its model is stale, how it is trained, tested and served.

It has an interpreter of its own (Python 3.10) and gets no secret.
"""

import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

from flows.errors import Unavailable
from flows.wording import N_

PROJECT = Path(__file__).parent.parent / "nlu"
RASA = PROJECT / ".venv" / "bin" / "rasa"
INPUTS = ("config.yml", "domain.yml", "requirements.lock", "data", "components")

# Rasa's start-up noise, and one thread a process: two on busy cores take seven times as long (nlu/README.md).
QUIET = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "RASA_TELEMETRY_ENABLED": "false",
    "LOG_LEVEL": "WARNING",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
}
SAID_MOST_CHARS = 2_000
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


class TrainingFailed(Unavailable):
    message = N_("The intent model could not be trained. Rasa said:\n{said}")


def environment(data_dir: Path) -> dict[str, str]:
    """What the NLU process may see of ours."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    data_dir = data_dir.resolve()
    ours = {"DATA_DIR": str(data_dir), "RASA_CACHE_DIRECTORY": str(data_dir / "rasa-cache")}
    return {**passed, **QUIET, **ours}


def model_path() -> Path:
    """Where the model of just these inputs is, or will be: its name is their hash."""
    digest = hashlib.sha256()
    for name in INPUTS:
        path = PROJECT / name
        files = sorted(p for p in path.rglob("*") if p.suffix in {".py", ".yml"}) if path.is_dir() else [path]
        for file in files:
            digest.update(file.relative_to(PROJECT).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return PROJECT / "models" / f"damso-{digest.hexdigest()[:16]}.tar.gz"


def ensure_model(data_dir: Path) -> Path:
    """The model of the present inputs, trained if it is not there. Raises TrainingFailed."""
    model = model_path()
    if not model.exists():
        model.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=model.parent) as out:
            command = [str(RASA), "train", "nlu", "--fixed-model-name", "damso", "--out", out]
            done = subprocess.run(
                command, cwd=PROJECT, env=environment(data_dir), capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise TrainingFailed(said=(done.stdout + done.stderr)[-SAID_MOST_CHARS:])
            (Path(out) / "damso.tar.gz").replace(model)
        for old in model.parent.glob("damso-*.tar.gz"):
            if old != model:
                old.unlink()
    return model


def serve_command(model: Path, port: int) -> list[str]:
    """How the model is served: on loopback only, since whoever reaches it may replace the model."""
    return [str(RASA), "run", "--enable-api", "-i", "127.0.0.1", "-p", str(port), "-m", str(model)]


def test_command(model: Path, out: Path) -> list[str]:
    """Rasa's own evaluation against the held-out sentences."""
    held_out = PROJECT / "tests" / "test_data.yml"
    return [str(RASA), "test", "nlu", "--nlu", str(held_out), "--model", str(model), "--out", str(out)]
