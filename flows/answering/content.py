"""The answers as the city's content has them: `topics/<name>.yml`, citing `sources.yml`.

A topic without a source, a date and both languages does not load.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, Field, ValidationError

from flows.city import Both, Content, OfficeHours, city
from flows.commitments import read_plan
from flows.messages import Source
from flows.wording import LANGS

HERE = Path(__file__).parent
SPOKEN_OF = ("contact", "privacy", "suggestion_process")  # buttons lead to these, in any city


def first_day(partial: str) -> date:
    """The first day of a year, a month or a day in ISO. Raises ValueError."""
    return date.fromisoformat(f"{partial}-01-01"[: len("2026-01-01")])


def _dated(partial: str) -> str:
    first_day(partial)
    return partial


def _in_words(text: Both) -> Both:
    if empty := [lang for lang in LANGS if not text.of(lang).strip()]:
        raise ValueError(f"nothing is written in {empty}")
    return text


PartialDate = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"), AfterValidator(_dated)]
Words = Annotated[Both, AfterValidator(_in_words)]


class Keywords(Content):
    ko: tuple[str, ...]
    en: tuple[str, ...]


class Cited(Content):
    title: str
    publisher: str
    url: str | None
    date: PartialDate | None


class Written(Content):
    """A topic file."""

    intent: str = Field(pattern=r"^ask_[a-z0-9_]{1,42}$")  # what a button can carry: `rate:<topic>:<version>:yes`
    title: Words
    keywords: Keywords
    answer: Words
    plain: Words | None = None  # may be missing when a city begins; `damso content check` asks for it
    more: Words | None = None
    when: Words | None = None
    who: Words | None = None
    sources: tuple[str, ...] = Field(min_length=1)
    facts: tuple[str, ...] = ()
    as_of: PartialDate
    review_by: date
    related: tuple[str, ...] = ()
    commitments: tuple[str, ...] = ()
    live: bool = False
    takes_suggestions: bool = False


class Topic(Written):
    """An answer, with its name and with its sources looked up."""

    name: str
    cited: tuple[Source, ...]


@cache
def read_topics() -> dict[str, Topic]:
    """Every topic by name. Raises ValueError, saying which file lacks what."""
    found = read_folder(HERE)
    codes = {planned.code for planned in read_plan()}
    if faults := [*found.faults, *dead_links(found, first=city().first_topics, codes=codes, hours=city().office_hours)]:
        raise ValueError("\n".join(faults))
    return {name: _topic(name, written, found.sources) for name, written in found.topics.items()}


@dataclass(frozen=True, slots=True)
class Folder:
    """What of a folder of content could be read, and a line for each thing that could not.

    `names` and `source_names` count the unreadable ones too: what leads to them is not to blame.
    """

    topics: dict[str, Written] = field(default_factory=dict)
    sources: dict[str, Cited] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    source_names: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)


def read_folder(folder: Path) -> Folder:
    """Every topic and source that can be read there."""
    found = Folder()
    for name, entry in read_mapping(folder / "sources.yml", found.faults).items():
        found.source_names.add(name)
        if source := read_entry(Cited, entry, f"sources.yml: {name}", found.faults):
            found.sources[name] = source
    for path in sorted((folder / "topics").glob("*.yml")):
        found.names.add(path.stem)
        unreadable = len(found.faults)
        raw = read_mapping(path, found.faults)
        if len(found.faults) == unreadable and (topic := read_entry(Written, raw, path.name, found.faults)):
            found.topics[path.stem] = topic
    return found


def read_mapping(path: Path, faults: list[str]) -> dict[str, Any]:
    """The entries of a YAML file; none, and a fault more, when it cannot be read."""
    unreadable = len(faults)
    raw = read_yaml(path, faults)
    if isinstance(raw, dict):
        return raw
    faults += [f"{path.name}: has no entries"] * (len(faults) == unreadable)
    return {}


def read_yaml(path: Path, faults: list[str]) -> Any:
    """What a YAML file holds; None, and a fault more, when it cannot be read."""
    try:
        return yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as wrong:
        faults.append(f"{path.name}: cannot be read: {' '.join(str(wrong).split())}")
        return None


def read_entry[T: Content](kind: type[T], raw: Any, where: str, faults: list[str]) -> T | None:
    """`raw` as `kind`; None, and a fault for each thing that is wrong or missing, when it is not whole."""
    try:
        return kind.model_validate(raw)
    except ValidationError as wrong:
        faults += said_of(wrong, where)
        return None


def said_of(wrong: ValidationError, where: str) -> list[str]:
    return [": ".join([where, *[".".join(map(str, e["loc"]))] * bool(e["loc"]), e["msg"]]) for e in wrong.errors()]


def dead_links(found: Folder, *, first: Iterable[str], codes: set[str], hours: OfficeHours | None = None) -> list[str]:
    """Names of topics, sources and commitments that lead nowhere. `first`: the topics of the menu."""
    faults = [f"topics/{name}.yml: missing, the menu leads to it" for name in first if name not in found.names]
    faults += [f"topics/{name}.yml: missing, buttons lead to it" for name in SPOKEN_OF if name not in found.names]
    if hours and "contact" in found.topics and hours.source not in found.topics["contact"].sources:
        faults.append(f"city.yml: office_hours: contact.yml does not cite their source {hours.source}")
    for name, topic in found.topics.items():
        if topic.intent != f"ask_{name}":
            faults.append(f"{name}.yml: its intent must be ask_{name}, not {topic.intent}")
        faults += [f"{name}.yml: unknown source {lost}" for lost in topic.sources if lost not in found.source_names]
        faults += [
            f"{name}.yml: related to an unknown topic {lost}" for lost in topic.related if lost not in found.names
        ]
        faults += [f"{name}.yml: unknown commitment {lost}" for lost in topic.commitments if lost not in codes]
    return faults


def _topic(name: str, written: Written, sources: Mapping[str, Cited]) -> Topic:
    cited = tuple(
        Source(f"{source.title} ({source.publisher})", source.url, source.date or written.as_of)
        for source in (sources[name] for name in written.sources)
    )
    return Topic(**written.model_dump(), name=name, cited=cited)
