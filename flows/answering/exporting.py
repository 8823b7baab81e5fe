"""The answers in use as topic files, so that the city's own files can take over what staff wrote in the console.

Only what is different is written anew: the rest of a file stays as it is, and its comments too.
"""

import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from flows.answering.content import HERE
from flows.answering.in_use import Override, text_of
from flows.city import Both
from flows.topics import AnswerText, Written

ENTRY = re.compile(r"^(?=[a-z_]+:)", re.MULTILINE)


def export_topics(folder: Path, overrides: Mapping[str, Override]) -> list[str]:
    """Write a file for each answer; the names of those that are not as the city's own. May be repeated."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for path in sorted((HERE / "topics").glob("*.yml")):
        written, override = path.read_text("utf-8"), overrides.get(path.stem)
        if override and override.topic and not override.is_settled:
            written = rewritten(written, text_of(override.topic))
            changed.append(path.stem)
        (folder / path.name).write_text(written, "utf-8")
    return changed


def rewritten(file: str, text: AnswerText) -> str:
    """A topic file that says `text` instead of what it says."""
    now = text_of(Written.model_validate(yaml.safe_load(file)))
    head, *blocks = ENTRY.split(file)
    entries = {block.partition(":")[0]: block for block in blocks}
    order = [*entries]
    for before, part in pairwise(AnswerText.model_fields):
        if part not in entries:  # it belongs behind the part that it follows in other files
            order.insert(order.index(before) + 1, part)
    for part in AnswerText.model_fields:
        if getattr(now, part) != getattr(text, part):
            comments = "".join(re.findall(r"^#.*\n", entries.get(part, ""), re.MULTILINE))
            entries[part] = _entry(part, getattr(text, part)) + comments
    return head + "".join(entries.get(part, "") for part in order)


def _entry(part: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case Both():
            said = {lang: _Block(f"{words}\n") for lang, words in value.model_dump().items()}
            return _dumped({part: said})
        case date():
            return f"{part}: {value}\n"
        case str():
            return f'{part}: "{value}"\n'
        case _:
            return f"{part}: [{', '.join(value)}]\n"


class _Block(str):
    """A text that is written as a block of lines (`|`)."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(_Block, lambda dumper, said: dumper.represent_scalar("tag:yaml.org,2002:str", said, style="|"))


def _dumped(entry: dict[str, Any]) -> str:
    return yaml.dump(entry, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**6)
