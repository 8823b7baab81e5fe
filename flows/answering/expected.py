"""Dialogues kept beside the content, `dialogues/<theme>.yml`: what citizens say or press, and what must come back.

The tests hold them against the trained model; here they are only read. Names that do not exist are faults, as is
whatever has not the form.
"""

from collections.abc import Iterable, Set
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from flows.answering.content import HERE, Folder, read_entry, read_yaml
from flows.city import Content
from flows.understanding import FALLBACK
from flows.wording import Lang

Words = Annotated[str, Field(min_length=1)]
Several = Annotated[tuple[Words, ...], Field(min_length=1)]


class Exchange(Content):
    """What a citizen does, and what is expected of the answer; what is not named may be anything.

    `intent` and `topic` are short for a list of one, `topics: []` for no answer of ours. `offers` are values among the
    buttons, or how one begins, up to a colon.
    """

    says: Words | None = None
    presses: Words | None = None
    intent: Words | None = None
    intents: Several | None = None
    topic: Words | None = None
    topics: tuple[Words, ...] | None = None
    sourced: Literal[True] | None = None
    offers: Several | None = None
    has: Several | None = None
    hasnt: Several | None = None
    lang: Lang | None = None

    @model_validator(mode="after")
    def _once(self) -> Self:
        if (self.says is None) == (self.presses is None):
            raise ValueError("a turn has either `says` or `presses`")
        for one, several in (("intent", "intents"), ("topic", "topics")):
            if getattr(self, one) is not None and getattr(self, several) is not None:
                raise ValueError(f"write either `{one}` or `{several}`")
        return self

    @property
    def expects(self) -> bool:
        return bool(self.model_fields_set - {"says", "presses"})

    @property
    def all_intents(self) -> tuple[str, ...] | None:
        return self.intents if self.intent is None else (self.intent,)

    @property
    def all_topics(self) -> tuple[str, ...] | None:
        return self.topics if self.topic is None else (self.topic,)

    @property
    def buttons(self) -> tuple[str, ...]:
        """The values that the turn names."""
        return (*(self.offers or ()), *([self.presses] if self.presses else ()))


class Dialogue(Content):
    """`lang`: the language of the page that it is held on."""

    title: Words
    lang: Lang
    turns: tuple[Exchange, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _proves_something(self) -> Self:
        if not self.turns[-1].expects:
            raise ValueError("the last turn expects nothing, so it proves nothing")
        return self


def read_dialogues(folder: Path = HERE) -> list[Dialogue]:
    """Every dialogue, by file and in its order. Raises ValueError, saying which lacks what."""
    faults: list[str] = []
    found = _read(folder, faults)
    if faults:
        raise ValueError("\n".join(faults))
    return [dialogue for _, dialogue in found]


def dialogue_faults(found: Folder, folder: Path, intents: Set[str]) -> list[str]:
    """What is wrong with a folder's dialogues. `intents`: all that can be understood or pressed."""
    faults: list[str] = []
    titles: set[str] = set()
    for where, dialogue in _read(folder, faults):
        if dialogue.title in titles:
            faults.append(f"{where}: another dialogue has this title")
        titles.add(dialogue.title)
        for number, turn in enumerate(dialogue.turns, 1):
            faults += [f"{where}: turn {number}: {lost}" for lost in _unknown(turn, found.names, {*intents, FALLBACK})]
    return faults


def _read(folder: Path, faults: list[str]) -> list[tuple[str, Dialogue]]:
    """Each dialogue that can be read, with its place for whoever looks for it."""
    dialogues = []
    for path in sorted((folder / "dialogues").glob("*.yml")):
        unreadable = len(faults)
        raw = read_yaml(path, faults)
        if not isinstance(raw, list):
            faults += [f"{path.name}: is no list of dialogues"] * (len(faults) == unreadable)
            continue
        for number, entry in enumerate(raw, 1):
            title = entry.get("title") if isinstance(entry, dict) else None
            where = f"{path.name}: {title or f'dialogue {number}'}"
            if dialogue := read_entry(Dialogue, entry, where, faults):
                dialogues.append((where, dialogue))
    return dialogues


def _unknown(turn: Exchange, topics: Set[str], intents: Set[str]) -> Iterable[str]:
    asked = [value.removeprefix("ask:") for value in turn.buttons if value.startswith("ask:")]
    heads = [value.partition(":")[0] for value in turn.buttons]
    yield from (f"unknown topic {name}" for name in (*(turn.all_topics or ()), *asked) if name not in topics)
    yield from (f"unknown intent {name}" for name in turn.all_intents or () if name not in intents)
    yield from (f"no button begins with {head}" for head in heads if head not in {*intents, "ask"})
