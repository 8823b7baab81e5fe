"""A plan as a document (실행계획): what a file of `plans/`, an import and an export hold."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from flows.city import Both, Content
from flows.commitments.values import (
    Commitment,
    Evidence,
    EvidenceKind,
    MilestoneState,
    OgpLevel,
    OgpValue,
    Plan,
    Status,
    amount_of,
)
from flows.topics import Source, first_day
from flows.wording import LANGS, Lang, written_date

FILES = Path(__file__).with_name("plans")
CODE = r"^[A-Z0-9_]{1,32}$"  # a Telegram link carries the code of a commitment
WORDS_MOST_CHARS = 300
TEXT_MOST_CHARS = 2_000


def _written(most: int) -> Callable[[Both], Both]:
    def check(text: Both) -> Both:
        if not all(text.of(lang).strip() for lang in LANGS):
            raise PydanticCustomError("empty", "empty")
        if max(len(text.of(lang)) for lang in LANGS) > most:
            raise PydanticCustomError("too_long", "too long", {"most": most})
        return text

    return check


def _as_text(written: object) -> object:
    # YAML reads 2021 as a number and 2021-08-30 as a date, unless somebody thought of the quotes.
    return str(written) if isinstance(written, int | date) else written


def _partial(written: str) -> str:
    parts = written.split("-")
    try:
        first_day(written)
        fits = [len(part) for part in parts] == [4, 2, 2][: len(parts)]
    except ValueError:
        fits = False
    if not fits:
        raise PydanticCustomError("partial", "not a year, a month or a day")
    return written


def _address(written: str) -> str:
    if not written.startswith(("https://", "http://")) or len(written) > TEXT_MOST_CHARS:
        raise PydanticCustomError("address", "not an address")
    return written


Words = Annotated[Both, AfterValidator(_written(WORDS_MOST_CHARS))]
Text = Annotated[Both, AfterValidator(_written(TEXT_MOST_CHARS))]
Partial = Annotated[str, BeforeValidator(_as_text), AfterValidator(_partial)]
Address = Annotated[str, AfterValidator(_address)]
Code = Annotated[str, Field(pattern=CODE)]
Name = Annotated[str, Field(min_length=1, max_length=WORDS_MOST_CHARS)]


class Period(Content):
    """First and last month of the work, both included."""

    start: Partial
    end: Partial


class PlannedSource(Content):
    title: Name
    url: Address | None = None
    as_of: Partial

    @classmethod
    def of(cls, source: Source) -> "PlannedSource":
        return cls(title=source.title, url=source.url, as_of=source.as_of)


class PlannedLevel(Content):
    """What OGP's assessment says, and where."""

    level: OgpLevel
    source: PlannedSource


class PlannedEvidence(Content):
    """`file`: the number of one that is there already; an import brings none."""

    kind: EvidenceKind
    date: date
    title: Words
    url: Address | None = None
    value: Decimal | None = Field(default=None, allow_inf_nan=False, max_digits=18)
    unit: Words | None = None
    file: int | None = None

    @classmethod
    def of(cls, e: Evidence) -> "PlannedEvidence":
        file = e.id if e.kind is EvidenceKind.FILE else None
        return cls(kind=e.kind, date=e.dated, title=e.title, url=e.url, value=e.value, unit=e.unit, file=file)

    def said(self, lang: Lang) -> str:
        """For a list of changes."""
        shown = self.url or amount_of(self.value, self.unit, lang)
        told = (written_date(lang, self.date.isoformat()), self.title.of(lang), shown)
        return " · ".join(filter(None, told))


class PlannedMilestone(Content):
    """`number` is kept within its commitment for ever; one without gets the next."""

    number: int | None = Field(default=None, ge=1, le=9_999)
    title: Both
    due: date
    state: MilestoneState = MilestoneState.NOT_STARTED
    done: date | None = None
    evidence: tuple[PlannedEvidence, ...] = ()


class Planned(Content):
    """One commitment (공약) as registered. Without `milestones`, those that are there stay as they are."""

    code: Code
    title: Words
    title_ko_official: bool
    short: Words
    summary: Text
    period: Period
    lead: Words
    partners: tuple[Words, ...] = ()
    values: tuple[OgpValue, ...] = ()
    status: Status
    status_as_of: Partial
    level: PlannedLevel | None = None
    sources: tuple[PlannedSource, ...] = Field(min_length=1)
    milestones: tuple[PlannedMilestone, ...] | None = None

    @classmethod
    def of(cls, c: Commitment) -> "Planned":
        milestones = tuple(
            PlannedMilestone(
                number=m.number,
                title=m.title,
                due=m.due,
                state=m.state,
                done=m.done,
                evidence=tuple(PlannedEvidence.of(e) for e in m.evidence),
            )
            for m in c.milestones
        )
        return cls(
            code=c.code,
            title=c.title,
            title_ko_official=c.title_ko_official,
            short=c.short,
            summary=c.summary,
            period=Period(start=c.start, end=c.end),
            lead=c.lead,
            partners=c.partners,
            values=c.values,
            status=c.status,
            status_as_of=c.status_as_of,
            level=c.level and PlannedLevel(level=c.level.value, source=PlannedSource.of(c.level.source)),
            sources=tuple(PlannedSource.of(s) for s in c.sources),
            milestones=milestones,
        )


class PlanDocument(Content):
    """A whole plan."""

    code: Code
    title: Words
    title_ko_official: bool
    period: Period
    city: Words
    sources: tuple[PlannedSource, ...] = Field(min_length=1)
    commitments: tuple[Planned, ...] = Field(min_length=1)

    @classmethod
    def of(cls, plan: Plan, commitments: list[Commitment]) -> "PlanDocument":
        return cls(
            code=plan.code,
            title=plan.title,
            title_ko_official=plan.title_ko_official,
            period=Period(start=plan.start, end=plan.end),
            city=plan.city,
            sources=tuple(PlannedSource.of(s) for s in plan.sources),
            commitments=tuple(Planned.of(c) for c in commitments),
        )

    @property
    def digest(self) -> str:
        return sha256(self.model_dump_json().encode()).hexdigest()


@cache
def read_plans() -> tuple[PlanDocument, ...]:
    """The plans of the city's content, a file each. Raises pydantic's ValidationError for one that is not whole."""
    files = sorted(FILES.glob("*.yml"))
    return tuple(PlanDocument.model_validate(yaml.safe_load(file.read_text("utf-8"))) for file in files)


def read_plan() -> tuple[Planned, ...]:
    """All commitments of the city's content, plan by plan."""
    return tuple(planned for plan in read_plans() for planned in plan.commitments)
