"""The answers as the city's content has them: `topics/<name>.yml`, citing `sources.yml`.

A topic without a source, a date and both languages does not load.
"""

from datetime import date
from functools import cache
from pathlib import Path

import yaml
from pydantic import Field

from flows.city import Both, Content, city
from flows.commitments import read_plan
from flows.messages import Source

HERE = Path(__file__).parent
SPOKEN_OF = ("contact", "privacy", "suggestion_process")  # buttons lead to these, in any city
PARTIAL_DATE = r"^\d{4}(-\d{2}(-\d{2})?)?$"


class Keywords(Content):
    ko: tuple[str, ...]
    en: tuple[str, ...]


class Cited(Content):
    title: str
    publisher: str
    url: str | None
    date: str | None = Field(pattern=PARTIAL_DATE)


class Written(Content):
    """A topic file."""

    intent: str = Field(pattern=r"^ask_\w+$")
    title: Both
    keywords: Keywords
    answer: Both
    more: Both | None = None
    when: Both | None = None
    who: Both | None = None
    sources: tuple[str, ...] = Field(min_length=1)
    facts: tuple[str, ...] = ()
    as_of: str = Field(pattern=PARTIAL_DATE)
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
    sources = {
        name: Cited.model_validate(entry)
        for name, entry in yaml.safe_load((HERE / "sources.yml").read_text("utf-8")).items()
    }
    topics = {path.stem: _read(path, sources) for path in sorted((HERE / "topics").glob("*.yml"))}
    if missing := {*city().first_topics, *SPOKEN_OF} - {*topics}:
        raise ValueError(f"topics that the menu and the buttons lead to are missing: {sorted(missing)}")
    codes = {planned.code for planned in read_plan()}
    for topic in topics.values():
        if topic.intent != f"ask_{topic.name}":
            raise ValueError(f"{topic.name}.yml: its intent must be ask_{topic.name}, not {topic.intent}")
        if strange := {*topic.related} - {*topics} | {*topic.commitments} - codes:
            raise ValueError(f"{topic.name}.yml: unknown topic or commitment {sorted(strange)}")
    return topics


def _read(path: Path, sources: dict[str, Cited]) -> Topic:
    raw = yaml.safe_load(path.read_text("utf-8"))
    written = Written.model_validate(raw)
    if unknown := [name for name in written.sources if name not in sources]:
        raise ValueError(f"{path.name}: unknown source {unknown}")
    cited = tuple(
        Source(f"{source.title} ({source.publisher})", source.url, source.date or written.as_of)
        for source in (sources[name] for name in written.sources)
    )
    return Topic(**written.model_dump(), name=path.stem, cited=cited)
