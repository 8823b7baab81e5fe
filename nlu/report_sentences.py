"""The held-out sentences: every Rasa file of examples in tests/."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rasa.shared.nlu.training_data.loading import load_data
from report_measures import KINDS, OUT_OF_SCOPE

_HOLDS_EXAMPLES = re.compile(r"^nlu:", re.MULTILINE)
_KIND = re.compile(rf"\b({'|'.join(KINDS)})\b", re.IGNORECASE)
_BLOCK = re.compile(r"- (intent|synonym|regex|lookup):")


@dataclass(frozen=True)
class Sentence:
    text: str
    intent: str
    kind: str  # of out-of-scope text: near, far or noise; else, and where nothing says so, empty
    file: str  # without its ending
    damage: str = ""  # what report_damage.py did to it
    undamaged: str = ""


def held_out(folder: Path) -> list[Sentence]:
    """In the order of the files' names; a sentence with the same intent twice counts once."""
    return list(dict.fromkeys(sentence for file in sorted(folder.glob("*.yml")) for sentence in _sentences(file)))


def kinds_of(written: str) -> dict[str, str]:
    """The kind of each example whose block names one, in a comment above it or in its lines before `examples`.

    # near: business of other departments
    - intent: out_of_scope
      metadata: {kind: near}     # either is enough
      examples: |
        - 여권을 새로 만들려면 어떤 서류가 필요합니까?
    """
    kinds: dict[str, str] = {}
    heading, kind, in_examples = "", "", False
    for line in map(str.strip, written.splitlines()):
        if line.startswith("examples:"):
            named = _KIND.search(heading)
            heading, kind, in_examples = "", named.group().lower() if named else "", True
        elif in_examples and line.startswith("-") and not _BLOCK.match(line):
            if kind:
                kinds[line[1:].strip()] = kind
        elif line:
            heading, in_examples = f"{heading}\n{line}", False
    return kinds


def _sentences(file: Path) -> Iterator[Sentence]:
    written = file.read_text(encoding="utf-8")
    if not _HOLDS_EXAMPLES.search(written):
        return
    kinds = kinds_of(written)
    of_file = next((part for part in file.stem.split("_") if part in KINDS), "")
    for example in load_data(str(file)).intent_examples:
        text, intent = example.get("text"), example.get("intent")
        kind = kinds.get(text, of_file) if intent == OUT_OF_SCOPE else ""
        yield Sentence(text, intent, kind, file.stem)
