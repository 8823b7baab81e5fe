"""What is different between two texts of an answer, to be read by people: by words, in each language."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from flows.answering.content import read_sources
from flows.answering.editing import PARTS
from flows.topics import AnswerText
from flows.wording import LANGS, Lang

LEAST_ALIKE = 0.3  # with less in common, two texts are easier to read one after the other than word by word
TOKEN = re.compile(r"\n|[^\s]+[^\S\n]*|[^\S\n]+")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of words that are in both texts, only in the one before, or only in the one after."""

    kind: Literal["same", "gone", "new"]
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One part of an answer that is not the same in both texts; sources and dates have no language."""

    part: str
    lang: Lang | None
    runs: list[Run]


def changes(before: AnswerText, after: AnswerText) -> list[Change]:
    """Every part that is different, in the order in which they are written."""
    found = [
        Change(part, lang, compared(_words(before, part, lang), _words(after, part, lang)))
        for part in PARTS
        for lang in LANGS
    ]
    found.append(Change("sources", None, compared(_sources(before), _sources(after))))
    found += [
        Change(day, None, compared([str(getattr(before, day))], [str(getattr(after, day))]))
        for day in ("as_of", "review_by")
    ]
    return [change for change in found if any(run.kind != "same" for run in change.runs)]


def compared(before: Sequence[str], after: Sequence[str]) -> list[Run]:
    """Both as runs. Blanks after a word make no difference."""
    matcher = SequenceMatcher(None, [it.rstrip(" ") for it in before], [it.rstrip(" ") for it in after], autojunk=False)
    steps = matcher.get_opcodes()
    if matcher.ratio() < LEAST_ALIKE:
        steps = [("replace", 0, len(before), 0, len(after))]
    runs: list[Run] = []
    for kind, a, b, c, d in steps:
        gone, new = "".join(before[a:b]), "".join(after[c:d])
        if kind == "equal":
            runs.append(Run("same", new))
        else:
            runs += [Run("gone", gone)] * bool(gone) + [Run("new", new)] * bool(new)
    return runs


def _words(text: AnswerText, part: str, lang: Lang) -> list[str]:
    said = getattr(text, part)
    return TOKEN.findall(said.of(lang)) if said else []


def _sources(text: AnswerText) -> list[str]:
    known = read_sources()
    return [f"{known[name].title if name in known else name}\n" for name in text.sources]
