"""`damso run`: every process on this machine, started in order, kept alive, and stopped together."""

import asyncio
import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import structlog

log = structlog.get_logger()

DAMSO = Path(sys.executable).with_name("damso")
GRACE_S = 10.0
FIRST_PAUSE_S, LONGEST_PAUSE_S, STEADY_AFTER_S = 0.5, 30.0, 60.0
PR_SET_PDEATHSIG = 1  # prctl(2)


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep alive."""

    name: str
    command: Sequence[str]
    env: dict[str, str]
    cwd: Path | None = None
    log: Path | None = None  # where its talk goes; ours without one


def damso(name: str, env: dict[str, str]) -> Child:
    """One of our own commands as a child; in the process list it is `damso <name>`."""
    return Child(name, [sys.executable, str(DAMSO), name], env)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def supervise(children: Sequence[Child], *others: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    """Run `children` until SIGINT or SIGTERM, starting again whichever dies; then stop them all.

    `others` look after processes of their own, and return soon after the event that they are given is set. The whole
    process group may get the signal, and perhaps twice: after the first, nothing is started again.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    async with asyncio.TaskGroup() as group:
        for child in children:
            group.create_task(keep_alive(child, stopping))
        for other in others:
            group.create_task(other(stopping))


async def keep_alive(child: Child, stopping: asyncio.Event) -> None:
    """Run `child`, and again when it dies, until `stopping` is set; then stop it."""
    pause = FIRST_PAUSE_S
    while not stopping.is_set():
        began = time.monotonic()
        process = await _start(child)
        over = asyncio.create_task(process.wait())
        asked = asyncio.create_task(stopping.wait())
        await asyncio.wait({over, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if stopping.is_set():
            await _stop(process, over)
            return
        log.warning("child.died", child=child.name, code=process.returncode)
        if time.monotonic() - began > STEADY_AFTER_S:
            pause = FIRST_PAUSE_S
        try:
            async with asyncio.timeout(pause):
                await stopping.wait()
        except TimeoutError:
            pause = min(pause * 2, LONGEST_PAUSE_S)


async def _start(child: Child) -> asyncio.subprocess.Process:
    with ExitStack() as stack:
        talk = stack.enter_context(child.log.open("ab")) if child.log else None
        return await asyncio.create_subprocess_exec(
            *child.command, env=child.env, cwd=child.cwd, stdout=talk, stderr=talk, preexec_fn=_die_with_parent
        )


async def _stop(process: asyncio.subprocess.Process, over: asyncio.Task[int]) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        async with asyncio.timeout(GRACE_S):
            await asyncio.shield(over)
    except TimeoutError:
        process.kill()
        await over


def _die_with_parent() -> None:
    """In the child: ask Linux to end it when the supervisor is killed, so that no orphan keeps the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() == 1:
            os._exit(1)
