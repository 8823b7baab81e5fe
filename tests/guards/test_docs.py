"""What a deployer can set, run or see is in the documents."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from bot.cli import main
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"


@cache
def documents() -> str:
    """For operators: one page, or all of them until it is written."""
    pages = [OPERATIONS] if OPERATIONS.exists() else [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    return "\n".join(page.read_text("utf-8") for page in pages if page.exists())


def commands(group: click.Group = main, path: str = "damso") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


@pytest.mark.parametrize("name", [name.upper() for name in Settings.model_fields])
def test_every_setting_is_described(name: str) -> None:
    assert re.search(rf"\b{name}\b", documents()), f"docs/operations.md does not name the setting {name}"


@pytest.mark.parametrize("name", [name for name, _ in commands()])
def test_every_command_is_described(name: str) -> None:
    assert re.search(rf"\b{name}\b", documents()), f"docs/operations.md does not name the command {name}"


def test_every_setting_and_command_explains_itself() -> None:
    silent = [name.upper() for name, field in Settings.model_fields.items() if not field.description]
    silent += [name for name, command in commands() if not command.help]
    assert not silent, f"without a sentence in bot/settings.py or bot/cli.py: {silent}"
