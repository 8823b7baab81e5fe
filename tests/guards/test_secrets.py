"""No secret stands where somebody may look: in a trace, a log line, the answer of a command."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner
from telegram.error import TelegramError

from bot import cli, logs
from bot.channels.telegram import Telegram
from bot.settings import Settings
from flows.messages import Reply
from flows.store import Database
from tests.parcels import parcel

TOKEN = "987654:a-secret-that-nobody-reads"
PASSWORD = "the-word-of-the-database"
NOWHERE = "http://127.0.0.1:1"  # nothing listens there
SECRET_WORDS = ("token", "secret", "password", "key", "database_url")
PARCEL = parcel(Reply("소식"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    database = f"postgresql://damso:{PASSWORD}@127.0.0.1:1/damso"
    return Settings(_env_file=None, data_dir=tmp_path, telegram_token=TOKEN, database_url=database)


@contextmanager
def logging_as_in_production(*, json: bool = True) -> Iterator[None]:
    """As the service sets it up, put back afterwards. No fixture: it must find the stderr that the test captures."""
    root, levels = logging.getLogger(), {}
    for name in ("", *logging.Logger.manager.loggerDict):
        levels[name] = logging.getLogger(name).level
    handlers = root.handlers[:]
    logs.configure(json=json)
    try:
        yield
    finally:
        structlog.reset_defaults()
        root.handlers[:] = handlers
        for name in ("", *logging.Logger.manager.loggerDict):
            logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))


def test_settings_hide_their_secrets(settings: Settings) -> None:
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert TOKEN not in shown
    assert PASSWORD not in shown


def test_what_sounds_like_a_secret_is_kept_as_one() -> None:
    fields = Settings.model_fields.items()
    bare = [n for n, f in fields if any(w in n for w in SECRET_WORDS) and "SecretStr" not in str(f.annotation)]
    assert not bare, f"bot/settings.py: make these SecretStr: {bare}"


async def test_a_failing_call_of_telegram_logs_no_token(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, db: Database
) -> None:
    with logging_as_in_production():
        caplog.set_level(logging.DEBUG)  # as if somebody had turned every library up
        async with Telegram.connect(TOKEN, NOWHERE, db, 1_000) as telegram:
            assert (await telegram.send(PARCEL)).kind == "later"
            assert TOKEN not in f"{telegram!r} {telegram._bot!r}"
    logged = "".join(capsys.readouterr()) + caplog.text
    assert "telegram.unsent" in logged, "the failure itself is logged, or this proves nothing"
    assert TOKEN not in logged


@pytest.mark.parametrize("json", [True, False], ids=["for a collector", "at a desk"])
async def test_a_trace_through_telegram_shows_no_token(
    json: bool, capsys: pytest.CaptureFixture[str], db: Database
) -> None:
    """structlog's console can print the values of every frame; ours must not."""
    with logging_as_in_production(json=json):
        async with Telegram.connect(TOKEN, NOWHERE, db, 1_000) as telegram:
            try:
                await telegram._bot.get_me()
            except TelegramError:
                structlog.get_logger().exception("telegram.failed")
    logged = "".join(capsys.readouterr())
    assert "Traceback" in logged
    assert TOKEN not in logged


async def test_a_database_that_is_away_shows_no_password(settings: Settings) -> None:
    assert settings.database_url
    db = Database(settings.database_url.get_secret_value())
    with pytest.raises(Exception) as away:
        async with db.transaction() as tx:
            await tx.connection()
    await db.close()
    assert PASSWORD not in "".join(traceback.format_exception(away.value)) + repr(db.engine)


def test_a_start_with_wrong_settings_names_them_and_shows_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pydantic repeats the values that it refuses."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", PASSWORD)
    monkeypatch.setenv("PORT", "none")
    done = CliRunner().invoke(cli.main, ["deliveries", "status"])
    assert done.exit_code == 1
    assert "PORT" in done.output
    assert TOKEN not in done.output and PASSWORD not in done.output
