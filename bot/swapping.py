"""The NLU process of `damso run`, and how another model takes its place without a request being lost.

Rasa can load a model into a running process (`PUT /model`), but answers nobody meanwhile: 1.6 s on two busy cores,
longer than the bot waits. So the successor is a process of its own. Once it answers, the address in `DATA_DIR/nlu-url`
changes, which everyone who asks looks up each time; the one before stays until nobody can be waiting for it.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot import models, nlu
from bot.supervisor import Child, free_port, keep_alive

log = structlog.get_logger()

LOOK_S = 1.0
READY_WITHIN_S = 120.0
LINGER_S = 5.0  # more than the bot waits for an answer (flows/understanding.py)


@dataclass
class _Serving:
    """A model and the process that serves it."""

    model: Path
    port: int = field(default_factory=free_port)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def child(self, data_dir: Path) -> Child:
        command = nlu.serve_command(self.model, self.port)
        return Child("nlu", command, nlu.environment(data_dir), nlu.PROJECT, data_dir.resolve() / "nlu.log")


async def keep_nlu(data_dir: Path, model: Path, stopping: asyncio.Event) -> None:
    """Serve `model`, and whichever is put to use later, until `stopping` is set.

    A choice of a model that does not answer is taken back, so that the one noted as in use is the one that is.
    """
    seen = models.choices(data_dir)
    async with asyncio.TaskGroup() as group:

        def start(model: Path) -> _Serving:
            serving = _Serving(model)
            group.create_task(keep_alive(serving.child(data_dir), serving.over))
            return serving

        serving = start(model)
        nlu.announce(data_dir, serving.url)
        try:
            while not await _set_within(stopping, LOOK_S):
                chosen = models.choices(data_dir)
                wanted = nlu.model_path(data_dir) if chosen.now != seen.now else serving.model
                if not wanted.exists():
                    continue  # it is still being trained
                if wanted == serving.model:
                    seen = chosen
                    continue
                successor = start(wanted)
                if not await _answers(successor, stopping):
                    log.warning("nlu.not_swapped", model=wanted.name)
                    successor.over.set()
                    if models.choices(data_dir) == chosen and not stopping.is_set():
                        models.set_choices(data_dir, seen)
                    continue
                seen = chosen
                nlu.announce(data_dir, successor.url)
                log.info("nlu.swapped", model=wanted.name)
                group.create_task(_linger(serving, stopping))
                serving = successor
        finally:
            nlu.withdraw(data_dir)
            serving.over.set()


async def _answers(serving: _Serving, stopping: asyncio.Event) -> bool:
    """Whether the process has loaded its model before the deadline, and understands something with it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(READY_WITHIN_S):
            while not await _set_within(stopping, LOOK_S / 2):
                found = await asyncio.to_thread(nlu.loaded, serving.url)
                if found is not None:
                    return found == serving.model.name and await asyncio.to_thread(nlu.understands, serving.url)
    return False


async def _linger(serving: _Serving, stopping: asyncio.Event) -> None:
    await _set_within(stopping, LINGER_S)
    serving.over.set()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
