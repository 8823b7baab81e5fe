"""How long something has waited and when it is due, as the console says it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from babel.dates import format_timedelta

from flows.suggesting import OPEN, Status, Suggestion
from flows.wording import BABEL_LOCALES, Lang
from flows.working_days import last_day, working_days_between

A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Due:
    """When the answer to a suggestion is owed: `days` are the working days left, or those it is overdue by.

    `last`: the last day that is in time. `is_authors`: its author owes a reply, and not the staff.
    """

    days: int
    last: date
    is_overdue: bool
    is_soon: bool
    is_authors: bool


def due_of(s: Suggestion, at: datetime, *, soon: datetime) -> Due | None:
    """None where nothing is owed. `soon`: what is owed until then is due soon."""
    if s.due_at is None or s.status not in OPEN:
        return None
    last, is_overdue = last_day(s.due_at), s.due_at <= at
    days = working_days_between(s.due_at - A_MOMENT, at) if is_overdue else working_days_between(at, s.due_at)
    return Due(days, last, is_overdue, s.due_at <= soon, s.status is Status.AUTHOR_ASKED)


def age(waited: timedelta, lang: Lang) -> str:
    """How long that is, roughly, in words: “3 hours”."""
    return format_timedelta(waited, "minute", threshold=1.5, locale=BABEL_LOCALES[lang])
