"""Which intent model is in use, which were before it, and what each was taught by staff.

DATA_DIR/models/current         the file name of the model in use; without it, one that was taught nothing
DATA_DIR/models/history         the names of those before it, the latest last
DATA_DIR/nlu-extra/<hash>/      what was taught, in Rasa's form, a file a language
"""

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from flows.errors import Conflict, Refused
from flows.wording import LANGS, N_, Lang

type Example = tuple[Lang, str, str]  # language, intent, text

HISTORY_MOST = 10
MARGIN_POINTS = 1.0
NAME = re.compile(r"damso-([0-9a-f]{16})(?:-([0-9a-f]{8}))?\.tar\.gz")
# Rasa would read [these](so) as an entity and ${this} as an environment variable.
RASA_MARKS = re.compile(r"[\[\]{}]")


class NothingBefore(Conflict):
    message = N_("There is no model before this one to go back to.")


class ScoreFell(Refused):
    """The new model is worse in a language by more than the margin."""

    message = N_(
        "The new model was not put to use: in “{lang}” it is right on {new} of 100 held-out sentences, "
        "the one in use on {old}. Take back examples in the console, or allow more with --margin."
    )


@dataclass(frozen=True, slots=True)
class Name:
    """A model's name: the hash of the project's inputs, and of what staff taught it, empty for nothing."""

    inputs: str
    learnt: str = ""

    @property
    def file(self) -> str:
        return f"damso-{self.inputs}{'-' if self.learnt else ''}{self.learnt}.tar.gz"


def read_name(file: str) -> Name | None:
    found = NAME.fullmatch(file)
    return Name(found[1], found[2] or "") if found else None


def folder(data_dir: Path) -> Path:
    return data_dir.resolve() / "models"


def name_in_use(data_dir: Path) -> str:
    """The file name of the model that was last put to use; empty when none ever was."""
    return "".join(_lines(folder(data_dir) / "current")[-1:])


def learnt_in_use(data_dir: Path) -> str:
    """The hash of what the model in use was taught; empty for nothing, or when the examples were lost."""
    name = read_name(name_in_use(data_dir))
    return name.learnt if name and examples_folder(data_dir, name.learnt).is_dir() else ""


def activate(data_dir: Path, model: Path, before: Path) -> None:
    """Put `model` to use in the place of `before`. Models that no step back leads to are deleted."""
    history = [*_lines(folder(data_dir) / "history"), before.name][-HISTORY_MOST:]
    _write(folder(data_dir) / "history", history)
    _write(folder(data_dir) / "current", [model.name])
    for old in folder(data_dir).glob("damso-*.tar.gz"):
        if old.name not in {*history, model.name}:
            old.unlink(missing_ok=True)


def roll_back(data_dir: Path) -> None:
    """Put the model before this one to use. Raises NothingBefore."""
    history = _lines(folder(data_dir) / "history")
    if not history:
        raise NothingBefore
    _write(folder(data_dir) / "current", history[-1:])
    _write(folder(data_dir) / "history", history[:-1])


def judge(old: Mapping[str, float], new: Mapping[str, float], margin: float = MARGIN_POINTS) -> None:
    """Refuse a model that is worse in any language by more than `margin` points of a hundred. Raises ScoreFell."""
    for lang, before in old.items():
        after = new.get(lang, 0.0)
        if round((before - after) * 100, 6) > margin:
            raise ScoreFell(lang=lang, old=round(before * 100, 1), new=round(after * 100, 1))


# --- what staff taught -----------------------------------------------------------------------------------------------


def examples_folder(data_dir: Path, learnt: str) -> Path:
    return data_dir.resolve() / "nlu-extra" / (learnt or "nothing")


def keep_examples(data_dir: Path, examples: Sequence[Example]) -> str:
    """Write the examples down for training; their hash, or an empty text when there are none."""
    wanted = sorted({(lang, intent, cleaned) for lang, intent, text in examples if (cleaned := _clean(text))})
    if not wanted:
        return ""
    learnt = hashlib.sha256(repr(wanted).encode()).hexdigest()[:8]
    write_training_files(examples_folder(data_dir, learnt), wanted)
    return learnt


def read_examples(data_dir: Path, learnt: str) -> list[Example]:
    found: list[Example] = []
    for lang in LANGS:
        file = examples_folder(data_dir, learnt) / f"{lang}.yml"
        blocks = yaml.safe_load(file.read_text("utf-8"))["nlu"] if file.exists() else []
        for block in blocks:
            found += [(lang, block["intent"], line.removeprefix("- ")) for line in block["examples"].splitlines()]
    return found


def write_training_files(to: Path, examples: Sequence[Example]) -> None:
    to.mkdir(parents=True, exist_ok=True)
    for lang in LANGS:
        by_intent: dict[str, list[str]] = {}
        for of, intent, text in examples:
            if of == lang:
                by_intent.setdefault(intent, []).append(text)
        blocks = [
            {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
            for intent, texts in by_intent.items()
        ]
        if blocks:
            written = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True)
            (to / f"{lang}.yml").write_text(written, "utf-8")


def _clean(text: str) -> str:
    return " ".join(RASA_MARKS.sub(" ", text).split())


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").split() if file.exists() else []


def _write(file: Path, lines: Sequence[str]) -> None:
    """At once or not at all: whoever reads meanwhile gets the old lines or the new."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    os.replace(fresh, file)
