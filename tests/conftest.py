"""Real PostgreSQL: migrated and loaded once into a template, cloned for each test."""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import httpx
import psycopg
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from fastapi import FastAPI
from sqlalchemy import make_url

from bot import embedded
from bot.app import Damso, build
from bot.settings import Settings
from bot.web import create_app
from flows import answering, commitments, indicators
from flows.accounts import passwords
from flows.store import Database, migrate
from tests.city import City, TestClock
from tests.rasa_server import RasaServer, serving_beside

TEMPLATE = "template_damso"
_numbers = itertools.count(1)

# Begun first: each worker takes whole files, and one of these at the end would leave the other without work.
LONGEST = ("operating/test_run.py", "guards/test_choices.py", "browser/test_pages.py", "operating/test_learning.py")

# A password is some 50 ms of CPU, as it should be; whether tests prove what they prove does not hang on that figure.
passwords._hasher = PasswordHasher.from_parameters(CHEAPEST)
passwords.NOBODY = passwords.hashed("nobody has this password")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    longest = [Path(__file__).parent / name for name in LONGEST]
    items.sort(key=lambda item: longest.index(item.path) if item.path in longest else len(longest))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a server of our own, with the template in it: migrated, its topics, plan and series loaded.

    In a folder of its own: as root the server has another user, and pytest shuts that one out of its own folders.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, embedded.started(Path(folder)) as url:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):  # nothing here has to survive a power cut
            _run(url, f"ALTER SYSTEM SET {name} = off")
        _run(url, "SELECT pg_reload_conf()")
        _run(url, f"CREATE DATABASE {TEMPLATE}")
        template = _at(url, TEMPLATE)
        migrate(template)
        asyncio.run(_load(template))
        yield url


@pytest.fixture
def database_url(postgres: str) -> Iterator[str]:
    """A database of this test's own."""
    name = f"test_{next(_numbers)}"
    _run(postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield _at(postgres, name)
    _run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, chat_rate_per_session=0, chat_rate_per_address=0)


@pytest.fixture(scope="session")
def one_rasa() -> Iterator[RasaServer]:
    """Started once: a server that stops waits for a fifth of a second."""
    server = RasaServer()
    with serving_beside(server.app) as server.url:
        yield server


@pytest.fixture
def rasa(one_rasa: RasaServer) -> RasaServer:
    one_rasa.forget()
    return one_rasa


@pytest.fixture
def nlu_url(rasa: RasaServer) -> str:
    """Where the intent model is: the played one, save where a module has another."""
    return rasa.url


@pytest.fixture
async def city(database_url: str, settings: Settings, rasa: RasaServer, nlu_url: str) -> AsyncIterator[City]:
    """The whole service on a database of its own, with the plan loaded and a clock that the test sets."""
    clock = TestClock()
    async with build(settings, database_url=database_url, nlu_url=nlu_url, now=clock) as damso:
        app = _app()
        app.state.damso = damso
        transport = httpx.ASGITransport(app, client=("192.0.2.1", 1234))
        async with httpx.AsyncClient(transport=transport, base_url="http://damso.test") as http:
            yield City(damso, database_url, clock, http, rasa)


@cache
def _app() -> FastAPI:
    """Made once, with its 130 routes; each test puts its own parts in."""
    nothing_yet: Damso = None  # type: ignore[assignment]
    return create_app(nothing_yet)


async def _load(url: str) -> None:
    db, at = Database(url), TestClock()()
    try:
        await answering.load_topics(db, answering.read_topics())
        async with db.transaction() as tx:
            await commitments.load_plans(tx, commitments.read_plans(), at=at)
            await indicators.load_series(tx, indicators.read_series(), at=at)
    finally:
        await db.close()


def _at(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]  # names made in this file
