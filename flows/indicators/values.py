"""What an indicator is to the rest of the program."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from flows.city import Both, Content
from flows.topics import PartialDate, Source, Words
from flows.wording import Lang, measured

CODE = r"^[a-z][a-z0-9_]{1,39}$"  # what a button can carry: `figure:<code>`
DECIMALS_MOST = 6
LARGEST = Decimal(10) ** 15
PERCENT = "%"
MONTHS = 12


class Every(StrEnum):
    """What one number of a series speaks for."""

    YEAR = "year"
    MONTH = "month"


PERIODS = {
    Every.YEAR: re.compile(r"(19|2\d)\d\d", re.ASCII),
    Every.MONTH: re.compile(r"(19|2\d)\d\d-(0[1-9]|1[0-2])", re.ASCII),
}
EXAMPLES = {Every.YEAR: "2024", Every.MONTH: "2024-06"}


def _addressed(url: str) -> str:
    if not url.startswith(("https://", "http://")) or any(letter.isspace() for letter in url):
        raise ValueError(f"not a web address: {url}")
    return url


def _sized(value: Decimal) -> Decimal:
    if not value.is_finite() or abs(value) >= LARGEST:
        raise ValueError("not a number that can be kept")
    return value


Address = Annotated[str, AfterValidator(_addressed)]
Amount = Annotated[Decimal, AfterValidator(_sized)]


class Origin(Content):
    """Where numbers come from."""

    title: str = Field(min_length=1)
    url: Address | None = None


class Described(Content):
    """What is said of a series (지표) beside its numbers.

    `about` says what is counted, by whom, and what a reader could get wrong.
    `topics` are those under whose answers the series is shown.
    """

    title: Words
    unit: Words
    decimals: int = Field(default=0, ge=0, le=DECIMALS_MOST)
    every: Every
    about: Words
    source: Origin
    commitment: str | None = None
    topics: tuple[str, ...] = ()


class Point(Content):
    """One number of a series (수치) as a file has it; without a `source` it is from that of the series."""

    period: str
    value: Amount
    as_of: PartialDate
    source: Origin | None = None
    note: Both | None = None


class Entered(Point):
    """A number with its source, which stays its own when the series gets another. `as_of`: the date it is given for."""

    source: Origin

    @property
    def cited(self) -> Source:
        return Source(self.source.title, self.source.url, self.as_of)


class Written(Described):
    """A series as a file of the city has it."""

    points: tuple[Point, ...] = ()

    @property
    def entered(self) -> list[Entered]:
        """Its numbers, each with its source."""
        own = [(point, point.source or self.source) for point in self.points]
        return [Entered(**dict(point) | {"source": source}) for point, source in own]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        periods = [point.period for point in self.points]
        if twice := {period for period in periods if periods.count(period) > 1}:
            raise ValueError(f"more than one number for {sorted(twice)}")
        for point in self.points:
            if not is_period(point.period, self.every):
                raise ValueError(f"{point.period}: write it as {EXAMPLES[self.every]}")
            if decimals(point.value) > self.decimals:
                raise ValueError(f"{point.period}: {point.value} has more than {self.decimals} decimals")
        return self


@dataclass(frozen=True, slots=True)
class Former:
    """A number that stood here until it was corrected."""

    value: Decimal
    until: datetime


@dataclass(frozen=True, slots=True)
class Observation:
    """One number in force. `former`: what it was before, the last first."""

    period: str
    value: Decimal
    source: Source
    note: Both | None = None
    former: tuple[Former, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """How much more a number is than the one of `since`, the last period before it that has one.

    `percent` is None where nothing can be divided by, or where the numbers are shares themselves.
    `is_next`: nothing is missing between the two.
    """

    since: Observation
    by: Decimal
    percent: Decimal | None
    is_next: bool


@dataclass(frozen=True, slots=True)
class Indicator:
    """A series of numbers, oldest first."""

    code: str
    described: Described
    observations: Sequence[Observation]

    @property
    def is_share(self) -> bool:
        """Whether it is in per cent, so that its changes are percentage points."""
        return self.described.unit.en == PERCENT

    @property
    def change(self) -> Change | None:
        """From the number before the latest to the latest."""
        if len(self.observations) < 2:
            return None
        since, now = self.observations[-2:]
        by = now.value - since.value
        percent = None if self.is_share or not since.value else rounded(100 * by / abs(since.value), 1)
        return Change(since, by, percent, index_of(now.period) - index_of(since.period) == 1)

    def number(self, value: Decimal) -> str:
        """A value as it is shown, in either language."""
        return f"{rounded(value, self.described.decimals):,}"

    def amount(self, value: Decimal, lang: Lang) -> str:
        """A value with its unit."""
        return measured(lang, self.number(value), self.described.unit.of(lang))

    def periods(self) -> list[str]:
        """Every period from the first number to the latest, those without a number too."""
        if not self.observations:
            return []
        first, last = (index_of(self.observations[at].period) for at in (0, -1))
        return [period_at(index, self.described.every) for index in range(first, last + 1)]


def rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def decimals(value: Decimal) -> int:
    """How many digits a value has after the point, noughts at the end apart."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def is_period(written: str, every: Every) -> bool:
    """Whether it is a year (`2024`) or a month (`2024-06`), as the series has them."""
    return PERIODS[every].fullmatch(written) is not None


def index_of(period: str) -> int:
    """Where a period stands among all of its kind."""
    year, _, month = period.partition("-")
    return int(year) * MONTHS + int(month) - 1 if month else int(year)


def period_at(index: int, every: Every) -> str:
    return f"{index // MONTHS:04}-{index % MONTHS + 1:02}" if every is Every.MONTH else f"{index:04}"
