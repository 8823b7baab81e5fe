"""Working days of the city's country, by the `holidays` library: weekends and public holidays are none."""

from datetime import date, datetime, time, timedelta
from functools import cache

import holidays

from flows.city import city, day, zone

_A_DAY = timedelta(days=1)


def is_holiday(on: date) -> bool:
    """Whether this is a public holiday: substitute and election days too, where the library knows them."""
    return on in _calendar()


def is_working_day(on: date) -> bool:
    return on.weekday() < 5 and not is_holiday(on)


def working_days_after(at: datetime, days: int) -> datetime:
    """The end of the last of `days` working days after the day of `at`: until then something is in time."""
    on = day(at)
    while days > 0:
        on += _A_DAY
        days -= is_working_day(on)
    return datetime.combine(on + _A_DAY, time(), zone())


def last_day(until: datetime) -> date:
    """The last day on which something due before `until` is in time."""
    return day(until - timedelta(microseconds=1))


def working_days_between(at: datetime, until: datetime) -> int:
    """How many working days there are after the day of `at`, up to the last moment before `until`."""
    first, last = day(at), last_day(until)
    return sum(is_working_day(first + timedelta(ahead)) for ahead in range(1, (last - first).days + 1))


@cache
def _calendar() -> holidays.HolidayBase:
    return holidays.country_holidays(city().country)  # a year is filled in when it is first asked for
