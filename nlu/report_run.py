"""Trains a pipeline, parses with it and serves it: each in a process of its own, without Rasa's noise."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RASA = Path(sys.executable).parent / "rasa"
_START_S, _STOP_S, _ANSWER_S = 180, 20, 30

QUIET = dict(
    line.split("=", 1) for line in (HERE / "quiet.env").read_text("utf-8").splitlines() if not line.startswith("#")
)


def trained(config: Path, model: Path) -> float:
    """`model` as `config` makes it of data/; the seconds its training took.

    One that is there of just these inputs is used again, with the seconds of then: DIET takes many minutes.
    """
    note, inputs = model.with_name(model.name.replace(".tar.gz", ".json")), _fingerprint(config)
    if model.exists() and note.exists():
        known = json.loads(note.read_text())
        if known["inputs"] == inputs:
            return known["train_s"]
    seconds = _train(config, model)
    note.write_text(json.dumps({"inputs": inputs, "train_s": seconds}))
    return seconds


def _train(config: Path, model: Path) -> float:
    into = ("--out", model.parent, "--fixed-model-name", model.name.replace(".tar.gz", ""))
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=model.parent) as cache:  # an earlier training would lend its parts
        run(
            [RASA, "train", "nlu", "--config", config, "--domain", "domain.yml", "--nlu", "data", *into],
            RASA_CACHE_DIRECTORY=cache,
        )
    return time.perf_counter() - began


def _fingerprint(config: Path) -> str:
    """Of everything a model is made of; Rasa's own parts have none of ours in them."""
    files = [config, HERE / "domain.yml", HERE / "requirements.lock", *sorted((HERE / "data").rglob("*.yml"))]
    if "components." in config.read_text(encoding="utf-8"):
        files += sorted((HERE / "components").glob("*.py"))
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def parse(model: Path, texts: Sequence[str]) -> dict[str, Any]:
    """What report_parse.py finds out."""
    with tempfile.TemporaryDirectory(dir=model.parent) as folder:
        sentences, answers = Path(folder, "sentences.json"), Path(folder, "answers.json")
        sentences.write_text(json.dumps(list(texts), ensure_ascii=False), encoding="utf-8")
        run([sys.executable, HERE / "report_parse.py", model, sentences, answers])
        return json.loads(answers.read_text(encoding="utf-8"))


def resident_mb(pid: int) -> float | None:
    """Memory a process holds now; None where there is no /proc to ask (macOS)."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return None
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def run(command: Sequence[str | Path], **environment: str) -> None:
    """Run in this folder, where Rasa finds components/. Raises RuntimeError with what it said last."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=HERE,
        env=os.environ | QUIET | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stdout[-2_000:]}")


@contextmanager
def served(model: Path) -> Iterator[tuple[int, int, float]]:
    """`rasa run` with the model on a free port of loopback: the port, the process's id, seconds until it was ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    began = time.perf_counter()
    server = subprocess.Popen(
        list(map(str, [RASA, "run", "--enable-api", "-i", "127.0.0.1", "-p", port, "--model", model])),
        cwd=HERE,
        env=os.environ | QUIET,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _is_ready(port):
            if server.poll() is not None or time.perf_counter() - began > _START_S:
                raise RuntimeError(f"rasa run did not start with {model}")
            time.sleep(0.2)
        yield port, server.pid, time.perf_counter() - began
    finally:
        server.terminate()
        try:
            server.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            server.kill()


def ask_over_http(port: int, texts: Sequence[str]) -> list[float]:
    """Milliseconds of each `POST /model/parse`, one at a time over one connection, as the bot asks."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_ANSWER_S)
    took_ms = []
    for text in texts:
        asked = time.perf_counter()
        connection.request("POST", "/model/parse", json.dumps({"text": text}).encode())
        response = connection.getresponse()
        response.read()
        took_ms.append((time.perf_counter() - asked) * 1000)
        if response.status != 200:
            raise RuntimeError(f"POST /model/parse answered {response.status} to {text!r}")
    connection.close()
    return took_ms


def _is_ready(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=_ANSWER_S)
    try:
        connection.request("GET", "/status")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
