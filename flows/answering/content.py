"""The answers as the city's content has them: `topics/<name>.yml`, citing `sources.yml`.

A topic without a source, a date and both languages does not load.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from flows.city import Content, OfficeHours, city
from flows.commitments import read_plan
from flows.topics import PartialDate, Source, Topic, Written

HERE = Path(__file__).parent
SPOKEN_OF = ("contact", "privacy", "suggestion_process")  # buttons lead to these, in any city


class Cited(Content):
    title: str
    publisher: str
    url: str | None
    date: PartialDate | None


@cache
def read_topics() -> dict[str, Topic]:
    """Every topic by name, as the city's files have it; what is in use says `in_use`.

    Raises ValueError, saying which file lacks what.
    """
    found = _own()
    codes = {planned.code for planned in read_plan()}
    if faults := [*found.faults, *dead_links(found, first=city().first_topics, codes=codes, hours=city().office_hours)]:
        raise ValueError("\n".join(faults))
    return {name: as_topic(name, written) for name, written in found.topics.items()}


def read_sources() -> Mapping[str, Cited]:
    """Every source that answers may cite, by its id."""
    return _own().sources


def as_topic(name: str, written: Written) -> Topic:
    """With its sources looked up. Raises KeyError when one is not there."""
    sources = [read_sources()[id_] for id_ in written.sources]
    cited = tuple(Source(f"{it.title} ({it.publisher})", it.url, it.date or written.as_of) for it in sources)
    return Topic(**written.model_dump(), name=name, cited=cited)


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


@cache
def _own() -> Folder:
    return read_folder(HERE)
