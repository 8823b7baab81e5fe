"""Which city this is: names, themes, words of danger. Content in `city.yml`, read once."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from flows.wording import LANGS, Lang


class Content(BaseModel):
    """Content as a city writes it: closed, so that a misspelt key is an error and not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Both(Content):
    """One text in every language the service speaks."""

    ko: str
    en: str

    def of(self, lang: Lang) -> str:
        return self.ko if lang == "ko" else self.en

    @classmethod
    def said(cls, say: Callable[[Lang], str]) -> Self:
        """What `say` says in each language."""
        return cls(**{lang: say(lang) for lang in LANGS})


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

    On public holidays nobody does, unless `on_holidays` says so.
    `source` is one that the topic `contact` cites, and `as_of` the date for which it gives the hours.
    """

    days: tuple[Weekday, ...] = Field(min_length=1)
    opens: Clock = Field(alias="from")
    closes: Clock = Field(alias="until")
    note: Both
    source: str
    as_of: date
    on_holidays: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("`from` must be before `until`")
        return self


class Promise(Content):
    """`supporters` within `in_days` start the clock of a public promise: an answer in `answer_in` working days."""

    supporters: int = Field(ge=1)
    in_days: int = Field(ge=1)
    answer_in: int = Field(ge=1)


class SuggestionRules(Content):
    """How the city deals with suggestions. Days are days of the calendar unless the name says working days."""

    most_a_day: int = Field(ge=1)  # from one citizen
    draft_kept_days: int = Field(ge=2)
    published_unread: bool  # whether they are public before staff publish them, save those that are flagged
    second_reader: bool  # whether a decision takes effect only when a second person has approved it
    answer_in_working_days: int = Field(ge=1)  # the city's own aim; staff are warned before and it is marked after
    warned_before_working_days: int = Field(ge=0)
    author_replies_in_days: int = Field(ge=1)
    claim_hours: int = Field(ge=1)  # how long one member of staff holds an item that they have taken
    contested_in_days: int = Field(ge=0)
    survey_after_days: int = Field(ge=1)
    support_steps: tuple[int, ...]  # these raise a suggestion in the queue of staff
    promise: Promise | None = None


class StaffRules(Content):
    """`second_factor`: whether staff must have one, or may."""

    second_factor: Literal["required", "optional"] = "optional"


class AnswerRules(Content):
    """`second_reader`: whether a text that an editor wrote in the console takes another editor to be put to use."""

    second_reader: bool = False


class CommitmentRules(Content):
    """`warned_before_days`: how long before a milestone is due staff are told of it.

    `no_update_grace_days`: how long something may be overdue without a sign before everybody reads that there is none.
    """

    warned_before_days: int = Field(default=14, ge=0)
    no_update_grace_days: int = Field(default=30, ge=0)


class UpdateRules(Content):
    """`expire_after_days`: an update that could not be sent for so long after its time is not sent late."""

    expire_after_days: int = Field(3, ge=1)


class City(Content):
    name: Both
    bot: Both
    receipt_prefix: str
    zone: str
    country: str  # ISO 3166-1, for its public holidays
    strip: Both
    first_topics: tuple[str, ...]
    themes: dict[str, Both]
    theme_commitments: dict[str, tuple[str, ...]] = {}  # codes, by theme: who follows it hears of them
    districts: dict[str, Both]
    suggestions: SuggestionRules
    staff: StaffRules = StaffRules()
    answers: AnswerRules = AnswerRules()
    commitments: CommitmentRules = CommitmentRules()
    updates: UpdateRules = UpdateRules()
    danger: dict[Literal["self_harm", "danger"], Danger]
    office_hours: OfficeHours | None = None

    @model_validator(mode="after")
    def _known_themes(self) -> Self:
        if unknown := self.theme_commitments.keys() - self.themes.keys():
            raise ValueError(f"`theme_commitments` has no such theme: {', '.join(sorted(unknown))}")
        return self

    def themes_of(self, commitment: str) -> tuple[str, ...]:
        """The themes that a commitment belongs to."""
        return tuple(theme for theme, codes in self.theme_commitments.items() if commitment in codes)


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
