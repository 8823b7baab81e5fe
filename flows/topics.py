"""The shape of an answer (주제): what a topic file holds, and what of it staff may change in the console.

A topic without a source, a date and both languages does not come into being.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from flows.city import Both, Content
from flows.wording import LANGS


@dataclass(frozen=True, slots=True)
class Source:
    """Where an answer comes from and what date it speaks for (as precise as the source is: "2021", "2021-12")."""

    title: str
    url: str | None
    as_of: str


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


class AnswerText(Content):
    """The part of a topic that staff may change in the console."""

    answer: Words
    plain: Words | None = None  # may be missing when a city begins; `damso content check` asks for it
    more: Words | None = None
    when: Words | None = None
    who: Words | None = None
    sources: tuple[str, ...] = Field(min_length=1)
    as_of: PartialDate
    review_by: date

    @property
    def is_reviewed_too_early(self) -> bool:
        """Whether it was to be checked before what it speaks of."""
        return self.review_by < first_day(self.as_of)


class Written(AnswerText):
    """A topic file."""

    intent: str = Field(pattern=r"^ask_[a-z0-9_]{1,42}$")  # what a button can carry: `rate:<topic>:<version>:yes`
    title: Words
    keywords: Keywords
    facts: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    commitments: tuple[str, ...] = ()
    live: bool = False
    takes_suggestions: bool = False


class Topic(Written):
    """An answer, with its name and with its sources looked up."""

    name: str
    cited: tuple[Source, ...]
