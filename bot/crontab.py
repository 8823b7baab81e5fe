"""Crontab lines as the clock takes them (APScheduler's), said in words, and made of what a form asks.

Weekdays have names only: APScheduler counts them from Monday as 0, other programs from Sunday.
"""

import re
from datetime import datetime, time, timedelta
from itertools import pairwise

from apscheduler.triggers.cron import CronTrigger
from babel.dates import format_time, get_day_names
from babel.lists import format_list

from flows.city import zone
from flows.errors import Invalid
from flows.wording import BABEL_LOCALES, N_, Lang, text

LINE_MOST_CHARS = 100
LEAST_GAP = timedelta(minutes=10)
MOST_AHEAD = timedelta(days=366)
TIMES_LOOKED_AT = 12
TIMES_SAID = 6
LISTED = re.compile(r"\d+(,\d+)*")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# On the hour, and not.
TIME_PATTERNS: dict[Lang, tuple[str, str]] = {"ko": ("aaaa h시", "aaaa h시 m분"), "en": ("H:mm", "H:mm")}


class BadCrontab(Invalid):
    field = "line"
    message = N_("Please write five parts: minute, hour, day, month, weekday. Every Monday at 9:00 is “0 9 * * mon”.")


class WeekdayNumber(Invalid):
    field = "line"
    message = N_("Please write weekdays by their names, mon to sun: what a number means differs between programs.")


class BothDays(Invalid):
    field = "line"
    message = N_("Please give a day of the month or a weekday, not both.")


class NeverComes(Invalid):
    field = "line"
    message = N_("No such moment comes within a year.")


class TooOften(Invalid):
    field = "line"
    message = N_("Please leave at least {minutes} minutes between two times.")


def check(line: str, at: datetime) -> str:
    """The line as it is kept. Raises BadCrontab, WeekdayNumber, BothDays, NeverComes, TooOften."""
    parts = line.lower().split()
    if len(line) > LINE_MOST_CHARS or len(parts) != 5:  # as the message says
        raise BadCrontab
    if re.search(r"\d", parts[4].partition("/")[0]):
        raise WeekdayNumber
    kept = " ".join(parts)
    try:
        coming = times(kept, at, TIMES_LOOKED_AT)
    except ValueError:
        raise BadCrontab from None
    if parts[2] != "*" and parts[4] != "*":
        raise BothDays
    if not coming or coming[0] > at + MOST_AHEAD:
        raise NeverComes
    if any(then - before < LEAST_GAP for before, then in pairwise(coming)):
        raise TooOften(minutes=LEAST_GAP // timedelta(minutes=1))
    return kept


def trigger(line: str) -> CronTrigger:
    """Raises ValueError for what is no line."""
    return CronTrigger.from_crontab(line, zone())


def next_after(line: str, moment: datetime) -> datetime | None:
    """Its first time after `moment`; None where it never comes again. Raises ValueError for what is no line."""
    found: datetime | None = trigger(line).get_next_fire_time(moment, moment)
    return found


def times(line: str, after: datetime, count: int) -> list[datetime]:
    """Its next times, at most `count`. Raises ValueError for what is no line."""
    found: list[datetime] = []
    moment: datetime | None = after
    while len(found) < count and (moment := next_after(line, moment or after)):
        found.append(moment)
    return found


def line_of(weekdays: list[str], month_day: str, at: str) -> str:
    """The line for a time of day; on these weekdays, on that day of the month, or every day. Raises BadCrontab."""
    try:
        clock = time.fromisoformat(at)
    except ValueError:
        raise BadCrontab from None
    days = ",".join(day for day in WEEKDAYS if day in weekdays) or "*"
    return f"{clock.minute} {clock.hour} {month_day or '*'} * {days}"


def in_words(line: str, lang: Lang) -> str:
    """A plain sentence for the forms that the editor offers, and some more; else that it follows its line."""
    minute, hour, day, month, weekday = line.split()
    days, when = _days(day, weekday, lang), _when(minute, hour, lang)
    if days is None or when is None or month != "*":
        return text(lang, N_("as its crontab line says"))
    said, repeats = when
    if repeats and day == weekday == "*":
        return said
    return text(lang, N_("{days} {times}"), days=days, times=said)


def _days(day: str, weekday: str, lang: Lang) -> str | None:
    if day == "last":
        return text(lang, N_("on the last day of every month"))
    if LISTED.fullmatch(day):
        return text(lang, N_("on day {days} of every month"), days=", ".join(day.split(",")))
    if day != "*":
        return None
    return text(lang, N_("every day")) if weekday == "*" else _weekdays(weekday, lang)


def _weekdays(weekday: str, lang: Lang) -> str | None:
    names = get_day_names("wide", locale=BABEL_LOCALES[lang])
    first, _, last = weekday.partition("-")
    if first in WEEKDAYS and last in WEEKDAYS:
        ends = {"first": names[WEEKDAYS.index(first)], "last": names[WEEKDAYS.index(last)]}
        return text(lang, N_("every {first} to {last}"), **ends)
    listed = weekday.split(",")
    if not set(listed) <= set(WEEKDAYS):
        return None
    said = [names[WEEKDAYS.index(day)] for day in listed]
    return text(lang, N_("every {weekdays}"), weekdays=format_list(said, locale=BABEL_LOCALES[lang]))


def _when(minute: str, hour: str, lang: Lang) -> tuple[str, bool] | None:
    """The times of a day, and whether they are an interval."""
    if interval := _interval(minute, hour, lang):
        return interval, True
    if not (LISTED.fullmatch(minute) and LISTED.fullmatch(hour)):
        return None
    moments = [_clock(int(h), int(m), lang) for h in hour.split(",") for m in minute.split(",")]
    return (text(lang, N_("at {times}"), times=", ".join(moments)), False) if len(moments) <= TIMES_SAID else None


def _interval(minute: str, hour: str, lang: Lang) -> str | None:
    every, hours = re.fullmatch(r"\*/(\d+)", minute), re.fullmatch(r"(\d+)-(\d+)", hour)
    if not (every or minute.isdecimal()) or not (hours or hour == "*"):
        return None
    if hours is None:
        said = N_("every {count} minutes") if every else N_("every hour, {minute} minutes past")
        return text(lang, said, count=every and every[1], minute=minute)
    first, last = (int(hours[1]), 0 if every else int(minute)), (int(hours[2]), 59 if every else int(minute))
    said = N_("every {count} minutes from {first} to {last}") if every else N_("every hour from {first} to {last}")
    return text(lang, said, count=every and every[1], first=_clock(*first, lang), last=_clock(*last, lang))


def _clock(hour: int, minute: int, lang: Lang) -> str:
    whole, broken = TIME_PATTERNS[lang]
    return format_time(time(hour, minute), broken if minute else whole, locale=BABEL_LOCALES[lang])
