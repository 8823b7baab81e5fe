"""A loopback server that plays Rasa's HTTP API: it understands the sentences it is told, and no others."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from types import MappingProxyType

import uvicorn
from fastapi import FastAPI, Response

from bot.cli import OurServer


class RasaServer:
    """`meanings`: what a sentence means; `down` makes it answer as a service that is starting does."""

    def __init__(self) -> None:
        self.meanings: dict[str, dict[str, object]] = {}
        self.down = False
        self.asked: list[str] = []
        self.url = ""
        self.app = FastAPI()
        self.app.get("/status")(self._status)
        self.app.post("/model/parse")(self._parse)

    def means(
        self,
        text: str,
        intent: str,
        confidence: float = 0.9,
        runners_up: Mapping[str, float] = MappingProxyType({}),
        **entities: str,
    ) -> None:
        """From now on `text` is understood so. A confidence under 0.3 is Rasa's fallback with a runner-up."""
        guesses = {intent: confidence, **runners_up}
        self.meanings[text] = {
            "text": text,
            "intent": {"name": intent if confidence >= 0.3 else "nlu_fallback", "confidence": confidence},
            "intent_ranking": [{"name": name, "confidence": confidence} for name, confidence in guesses.items()],
            "entities": [{"entity": name, "value": value} for name, value in entities.items()],
        }

    def forget(self) -> None:
        """As one that has just been started."""
        self.meanings.clear()
        self.asked.clear()
        self.down = False

    async def _status(self) -> Response:
        return Response("{}", 503 if self.down else 200)

    async def _parse(self, body: dict[str, str], response: Response) -> dict[str, object]:
        self.asked.append(body["text"])
        if self.down:
            response.status_code = 503
        unknown = {"intent": {"name": "nlu_fallback", "confidence": 0.01}, "intent_ranking": [], "entities": []}
        return self.meanings.get(body["text"], unknown)


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """`app` on a loopback port of its own; gives its address."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        server = OurServer(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        async with asyncio.TaskGroup() as group:
            group.create_task(server.serve(sockets=[listening]))
            while not server.started:
                await asyncio.sleep(0)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            server.should_exit = True


@contextmanager
def serving_beside(app: FastAPI) -> Iterator[str]:
    """The same in a thread and an event loop of its own, for more than one test."""
    with closing(socket.socket()) as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, args=[[listening]])
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
