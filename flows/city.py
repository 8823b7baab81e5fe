"""Which city this is: names, themes, words of danger. Content in `city.yml`, read once."""

import re
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from flows.wording import Lang


class Content(BaseModel):
    """Content as a city writes it: closed, so that a misspelt key is an error and not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Both(Content):
    """One text in every language the service speaks."""

    ko: str
    en: str

    def of(self, lang: Lang) -> str:
        return self.ko if lang == "ko" else self.en


class Danger(Content):
    words: tuple[str, ...]
    reply: Both


def _clock(written: object) -> time:
    # YAML reads 18:00 without quotes as the number 1080.
    if not (isinstance(written, str) and re.fullmatch(r"\d\d:\d\d", written)):
        raise ValueError('write a time as "18:00", in quotes')
    return time.fromisoformat(written)


Clock = Annotated[time, BeforeValidator(_clock)]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class OfficeHours(Content):
    """When people answer whom the topic `contact` leads to, by the city's clock; the same on each of `days`.

    `source` is one that the topic `contact` cites, and `as_of` the date for which it gives the hours.
    """

    days: tuple[Weekday, ...] = Field(min_length=1)
    opens: Clock = Field(alias="from")
    closes: Clock = Field(alias="until")
    note: Both
    source: str
    as_of: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("`from` must be before `until`")
        return self


class City(Content):
    name: Both
    bot: Both
    receipt_prefix: str
    zone: str
    strip: Both
    first_topics: tuple[str, ...]
    themes: dict[str, Both]
    danger: dict[Literal["self_harm", "danger"], Danger]
    office_hours: OfficeHours | None = None


@cache
def city() -> City:
    """The city's own content. Raises pydantic's ValidationError, naming the line, when it is not whole."""
    return City.model_validate(yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8")))


@cache
def zone() -> ZoneInfo:
    """The city's clock: where a person sees a date, or a rule speaks of the hour."""
    return _other_zone[-1] if _other_zone else ZoneInfo(city().zone)


def set_zone(name: str) -> None:
    """Take another time zone than the content's, before anything else is made. Raises KeyError for an unknown one."""
    _other_zone.append(ZoneInfo(name))
    zone.cache_clear()


_other_zone: list[ZoneInfo] = []


def day(moment: datetime) -> date:
    """The date of a moment as people in the city have it."""
    return moment.astimezone(zone()).date()


def danger_in(text: str) -> Danger | None:
    """What to say when somebody's life may be at stake, else None."""
    lowered = text.lower()
    return next((d for d in city().danger.values() if any(word in lowered for word in d.words)), None)
