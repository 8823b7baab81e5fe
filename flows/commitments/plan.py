"""The plan as the city's content has it: `plan.yml`."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import Field

from flows.city import Both, Content
from flows.commitments.values import Status

MONTH = r"^\d{4}-\d{2}$"


class Period(Content):
    """First and last month of the work, both included."""

    start: str = Field(pattern=MONTH)
    end: str = Field(pattern=MONTH)


class PlannedSource(Content):
    title: str
    url: str
    as_of: str


class Planned(Content):
    """One commitment (공약) as registered."""

    code: str
    title: Both
    title_ko_official: bool
    short: Both
    summary: Both
    period: Period
    lead: Both
    partners: tuple[Both, ...]
    status: Status
    status_as_of: str
    sources: tuple[PlannedSource, ...] = Field(min_length=1)


@cache
def read_plan() -> tuple[Planned, ...]:
    """All commitments in the plan's order. Raises pydantic's ValidationError when the file is not whole."""
    raw = yaml.safe_load(Path(__file__).with_name("plan.yml").read_text("utf-8"))
    return tuple(Planned.model_validate(entry) for entry in raw)
