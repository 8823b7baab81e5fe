"""Which intent model is in use, which were before it, and what each was taught by staff.

DATA_DIR/models/current         the choice of the model in use; without it, one that was taught nothing
DATA_DIR/models/history         the choices before it, a line each, the latest last
DATA_DIR/nlu-extra/<hash>/      what was taught, in Rasa's form, a file a language
DATA_DIR/nlu-extra/<hash>.json  which examples of the training files were left out

A choice is a file name and the hash of the project's inputs when it was made.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from flows.errors import Conflict
from flows.wording import LANGS, N_, Lang

type Example = tuple[Lang, str, str]  # language, intent, text

HISTORY_MOST = 10
KEPT_MOST = 10
FILES = "damso-*.tar.gz"
NAME = re.compile(r"damso-([0-9a-f]{16})(?:-([0-9a-f]{8}))?\.tar\.gz")
# Rasa would read [these](so) as an entity and ${this} as an environment variable.
RASA_MARKS = re.compile(r"[\[\]{}]")


class NothingBefore(Conflict):
    message = N_("There is no model before this one to go back to.")


@dataclass(frozen=True, slots=True)
class Name:
    """A model's name: the hash of the project's inputs, and of what staff taught it, empty for nothing."""

    inputs: str
    learnt: str = ""

    def __str__(self) -> str:
        return f"damso-{self.inputs}{'-' if self.learnt else ''}{self.learnt}"

    @property
    def file(self) -> str:
        return f"{self}.tar.gz"


def read_name(file: str) -> Name | None:
    found = NAME.fullmatch(file)
    return Name(found[1], found[2] or "") if found else None


@dataclass(frozen=True, slots=True)
class Choice:
    """That the model of this file name is to be used, made when the project's inputs were these.

    Where the inputs are others than the model's own, somebody wanted just this older model. That holds until the
    inputs change again: then a model of the new inputs takes its place.
    """

    file: str
    inputs: str


@dataclass(frozen=True, slots=True)
class Choices:
    """The choice that holds, None when none was ever made, and those before it, the latest last."""

    now: Choice | None
    before: tuple[Choice, ...] = ()


def folder(data_dir: Path) -> Path:
    return data_dir.resolve() / "models"


def choices(data_dir: Path) -> Choices:
    now = [_read_choice(line) for line in _lines(folder(data_dir) / "current")]
    before = [_read_choice(line) for line in _lines(folder(data_dir) / "history")]
    return Choices(now[-1] if now else None, tuple(before))


def set_choices(data_dir: Path, chosen: Choices) -> None:
    for file, made in (("history", chosen.before[-HISTORY_MOST:]), ("current", [chosen.now] if chosen.now else [])):
        write(folder(data_dir) / file, "".join(f"{choice.file} {choice.inputs}\n" for choice in made))


def activate(data_dir: Path, model: Path, *, before: Path, inputs: str) -> None:
    """Put `model` to use in the place of `before`. `inputs`: the hash of the project's, as they are."""
    history = (*choices(data_dir).before, Choice(before.name, inputs))
    set_choices(data_dir, Choices(Choice(model.name, inputs), history))


def roll_back(data_dir: Path) -> None:
    """Put the model before this one to use. Raises NothingBefore."""
    before = choices(data_dir).before
    if not before:
        raise NothingBefore
    set_choices(data_dir, Choices(before[-1], before[:-1]))


def learnt_in_use(data_dir: Path) -> str:
    """The hash of what the model in use was taught; empty for nothing, or when the examples were lost."""
    now = choices(data_dir).now
    name = read_name(now.file) if now else None
    return name.learnt if name and examples_folder(data_dir, name.learnt).is_dir() else ""


def newest(models: Iterable[Path]) -> list[Path]:
    """The models by the time at which they were trained, the latest first."""
    return sorted(models, key=lambda model: (model.stat().st_mtime, model.name), reverse=True)


def needed(data_dir: Path) -> set[str]:
    """The file names of the model in use and of the one before."""
    chosen = choices(data_dir)
    return {choice.file for choice in (chosen.now, *chosen.before[-1:]) if choice}


def drop_old(models: Iterable[Path], needed: set[str]) -> None:
    """Delete all models but the latest and those whose file names are `needed`."""
    for model in newest(models)[KEPT_MOST:]:
        if model.name not in needed:
            model.unlink(missing_ok=True)


# --- what staff taught -----------------------------------------------------------------------------------------------


def examples_folder(data_dir: Path, learnt: str) -> Path:
    return data_dir.resolve() / "nlu-extra" / (learnt or "nothing")


def keep_examples(data_dir: Path, examples: Sequence[Example], dropped: Sequence[Example] = ()) -> str:
    """Write the examples down for training, and those of the training files to leave out.

    The hash of both, or an empty text when there are none.
    """
    wanted, without = sorted(_cleaned(examples)), sorted(dropped)
    if not (wanted or without):
        return ""
    digest = hashlib.sha256(repr(wanted).encode())
    if without:
        digest.update(repr(without).encode())
    learnt = digest.hexdigest()[:8]
    write_training_files(examples_folder(data_dir, learnt), wanted)
    if without:
        write(_dropped_file(data_dir, learnt), json.dumps(without, ensure_ascii=False))
    return learnt


def _dropped_file(data_dir: Path, learnt: str) -> Path:
    return examples_folder(data_dir, learnt).with_suffix(".json")


def read_examples(data_dir: Path, learnt: str) -> list[Example]:
    found: list[Example] = []
    for lang in LANGS:
        file = examples_folder(data_dir, learnt) / f"{lang}.yml"
        blocks = yaml.safe_load(file.read_text("utf-8"))["nlu"] if file.exists() else []
        for block in blocks:
            found += [(lang, block["intent"], line.removeprefix("- ")) for line in block["examples"].splitlines()]
    return found


def read_dropped(data_dir: Path, learnt: str) -> list[Example]:
    """The examples of the training files that were left out."""
    file = _dropped_file(data_dir, learnt)
    return [(lang, intent, text) for lang, intent, text in json.loads(file.read_text("utf-8"))] if file.exists() else []


def count_unlearnt(data_dir: Path, examples: Sequence[Example], dropped: Sequence[Example] = ()) -> int:
    """How many of the examples the model in use was not taught, and how many it was taught that are to go."""
    in_use = learnt_in_use(data_dir)
    new = _cleaned(examples) - {*read_examples(data_dir, in_use)}
    return len(new) + len({*dropped} - {*read_dropped(data_dir, in_use)})


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


def _cleaned(examples: Iterable[Example]) -> set[Example]:
    cleaned = ((lang, intent, " ".join(RASA_MARKS.sub(" ", text).split())) for lang, intent, text in examples)
    return {(lang, intent, text) for lang, intent, text in cleaned if text}


# --- the files -------------------------------------------------------------------------------------------------------


def write(file: Path, text: str) -> None:
    """At once or not at all: whoever reads meanwhile gets the old text or the new."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(text, "utf-8")
    os.replace(fresh, file)


def _lines(file: Path) -> list[str]:
    return file.read_text("utf-8").splitlines() if file.exists() else []


def _read_choice(line: str) -> Choice:
    """A line without inputs was written before older models could be chosen: it meant those of the model."""
    file, _, inputs = line.partition(" ")
    name = read_name(file)
    return Choice(file, inputs or (name.inputs if name else ""))
