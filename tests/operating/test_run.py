"""`damso run` as an operator has it: every process, the real model, Telegram on a loopback server."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from bot import nlu
from flows import delivering
from tests.bot_api import TOKEN

pytestmark = pytest.mark.model

ROOT = Path(__file__).parent.parent.parent
DAMSO = Path(sys.executable).with_name("damso")
START_S, TELEGRAM_S = 300.0, 60.0  # with training, on a busy machine


def wait_for[T](what: Callable[[], T], within_s: float, why: str) -> T:
    """Ask again until the answer is true, or fail with `why`."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            if found := what():
                return found
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    pytest.fail(why)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Service:
    """A running `damso run` on a data folder of its own; `root` is where the program lies."""

    folder: Path
    telegram: str
    root: Path = ROOT
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        settings = {"DATA_DIR": self.folder, "PORT": self.port, "CHAT_RATE_PER_SESSION": 0, "CHAT_RATE_PER_ADDRESS": 0}
        telegram = {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_URL": self.telegram}
        program = {"PYTHONPATH": self.root}
        return {**os.environ, **{name: str(value) for name, value in (settings | telegram | program).items()}}

    def start(self) -> None:
        command = [sys.executable, DAMSO, "run"]
        with (self.folder / "run.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.root, env=self.env, stdout=log, stderr=log, start_new_session=True
            )
        wait_for(lambda: self.health() == "ok", START_S, (self.folder / "run.log").read_text())

    def health(self) -> str:
        return str(httpx.get(f"{self.url}/health", timeout=30).json()["status"])

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, DAMSO, *words], cwd=self.root, env=self.env, capture_output=True, text=True, check=False
        )

    def family(self) -> list[psutil.Process]:
        """The supervisor, its children, and the database it started."""
        named = [self.folder.as_posix(), "damso", "rasa"]
        assert self.process is not None
        own = psutil.Process(self.process.pid)
        postgres = [p for p in psutil.process_iter(["cmdline"]) if named[0] in " ".join(p.info["cmdline"] or [])]
        return [own, *own.children(recursive=True), *postgres]

    def kill_everything(self) -> None:
        for process in self.family():
            process.kill()
        wait_for(lambda: self.process is not None and self.process.poll() is not None, 10, "it would not die")

    def stop(self) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=30)

    def chat(self, session: str | None = None, **body: Any) -> dict[str, Any]:
        response = httpx.post(f"{self.url}/api/chat", json=body | ({"session": session} if session else {}), timeout=30)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


@pytest.fixture(scope="module")
def telegram() -> Iterator[str]:
    """A Bot API server as a process of its own; gives its address."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    server = subprocess.Popen([sys.executable, "-m", "tests.bot_api", "--port", str(port)], cwd=ROOT)
    wait_for(lambda: httpx.get(f"{url}/control/messages", params={"chat_id": 1}), 30, "no Bot API server")
    yield url
    server.terminate()
    server.wait(timeout=10)


@pytest.fixture(scope="module")
def service(telegram: str) -> Iterator[Service]:
    if not nlu.RASA.exists():
        pytest.skip("the Rasa project is not installed: make install")
    # Not pytest's own folder: as root the database has another user, and pytest shuts that one out.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        running = Service(Path(folder), telegram)
        running.start()
        yield running
        running.stop()


@pytest.mark.parametrize(
    ("question", "lang", "topic"),
    [
        ("광주시의 탄소중립 목표는 무엇인가요?", "ko", "net_zero_goal"),
        ("열린정부파트너십이 뭐예요?", "ko", "ogp"),
        ("What is the Open Government Partnership?", "en", "ogp"),
        ("When does Gwangju want to be carbon neutral?", "en", "net_zero_goal"),
    ],
)
def test_the_real_model_answers_with_sources(service: Service, question: str, lang: str, topic: str) -> None:
    answer = service.chat(text=question)
    assert answer["lang"] == lang
    assert answer["intent"]["name"] == f"ask_{topic}"
    assert answer["replies"][0]["topic"] == topic
    assert answer["replies"][0]["sources"][0]["as_of"]


def test_what_is_not_ours_is_refused(service: Service) -> None:
    assert service.chat(text="여권은 어디서 만들어요?")["intent"]["name"] == "out_of_scope"
    assert service.chat(text="Where do I pay my parking fine?")["intent"]["name"] == "out_of_scope"


def test_the_circle_in_telegram(service: Service, telegram: str) -> None:
    def texts() -> str:
        return json.dumps(httpx.get(f"{telegram}/control/messages", params={"chat_id": 7}).json(), ensure_ascii=False)

    def write(text: str) -> None:
        httpx.post(f"{telegram}/control/write", json={"chat_id": 7, "text": text}).raise_for_status()

    write("탄소중립 목표가 뭐예요?")
    wait_for(lambda: "2045" in texts(), TELEGRAM_S, "no answer in Telegram")
    write("/start follow-KRGNJ0001")
    wait_for(lambda: "시민 기후정책 공약 소식" in texts(), TELEGRAM_S, "not followed")
    published = service.command("update", "publish", "KRGNJ0001", "--ko", "원탁회의 소식", "--en", "Round table news")
    assert published.returncode == 0, published.stderr
    counted = json.loads(service.command("deliveries", "status", "--format", "json").stdout)
    assert sum(counted.get(state, 0) for state in delivering.STATES) == 1, (
        "owed by day or kept for the morning, but exactly once"
    )


def test_a_second_start_on_the_same_folder_is_refused(service: Service) -> None:
    refused = service.command("run")
    assert refused.returncode == 1
    assert "already running" in refused.stderr
    assert service.health() == "ok"


def test_the_bot_goes_on_without_its_model_and_the_model_comes_back(service: Service) -> None:
    rasa = next(p for p in service.family() if "rasa run" in " ".join(p.cmdline()).replace("/rasa", " rasa"))
    rasa.kill()
    wait_for(lambda: service.health() == "degraded", 30, "nobody noticed")
    assert service.chat(choice="ask:ogp")["replies"][0]["topic"] == "ogp"
    assert service.chat(text="자전거")["replies"][0]["choices"]
    wait_for(lambda: service.health() == "ok", 120, "the model did not come back")


def test_a_killed_database_comes_back_by_itself(service: Service) -> None:
    def postmaster() -> int:
        written = service.folder / "postgres" / "postmaster.pid"
        return int(written.read_text().split()[0]) if written.exists() else 0

    os.kill(killed := postmaster(), signal.SIGKILL)
    wait_for(lambda: postmaster() not in (0, killed), 60, "the database did not come back")
    wait_for(lambda: service.health() == "ok", 60, "the others did not find it again")
    assert service.chat(choice="ask:ogp")["replies"][0]["topic"] == "ogp"


def test_commands_work_beside_it(service: Service) -> None:
    made = service.command("staff", "add", "kim@example.org", "--role", "reviewer")
    assert made.returncode == 0
    assert "kim@example.org" in made.stdout
    assert service.command("staff", "add", "kim@example.org").returncode == 1
    assert service.command("staff", "add").returncode == 2
    assert service.command("update", "publish", "KRGNJ9", "--ko", "가", "--en", "a").returncode == 1
    wrong_time = service.command("update", "publish", "KRGNJ0001", "--ko", "가", "--en", "a", "--at", "soon")
    assert wrong_time.returncode == 2


def test_killing_everything_loses_nothing_that_was_acknowledged(service: Service) -> None:
    session = service.chat(choice="submit_suggestion:start")["session"]
    service.chat(session, text="kill -9 뒤에도 남아 있어야 하는 제안입니다")
    service.chat(session, choice="submit_suggestion:skip")
    answer = service.chat(session, choice="submit_suggestion:confirm")
    receipt = next(c["value"] for c in answer["replies"][0]["choices"] if "suggestion_status" in c["value"])
    service.kill_everything()
    service.start()
    assert "접수" in service.chat(session, choice=receipt)["replies"][0]["text"]


def test_it_stops_clean_with_children_and_database(service: Service) -> None:
    family = service.family()
    service.stop()
    assert service.process is not None
    assert service.process.returncode == 0
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
