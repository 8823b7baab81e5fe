"""The day and the hour at which somebody wants their digests."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flows.city import zone
from flows.subscribing.quiet import DAYS_A_WEEK, at_clock
from flows.subscribing.rows import Frequency

LAST_DAY = 31  # of any month, however short


@dataclass(frozen=True, slots=True)
class Times:
    """What somebody chose of the day (Monday is 0), the day of the month and the hour; the rest is as usual."""

    weekday: int | None = None
    month_day: int | None = None
    clock: time | None = None
    zone: str | None = None

    def are_own(self, frequency: Frequency) -> bool:
        """Whether digests of this frequency come at other times than the city's rule sends them to everybody."""
        day = self.weekday if frequency is Frequency.WEEKLY else self.month_day
        return day is not None or self.clock is not None

    def last(self, frequency: Frequency, at: datetime) -> datetime:
        """The last of these times that is not after `at`."""
        return max(moment for moment in self._around(frequency, at) if moment <= at)

    def next(self, frequency: Frequency, at: datetime) -> datetime:
        """The first of these times after `at`."""
        return min(moment for moment in self._around(frequency, at) if moment > at)

    def _around(self, frequency: Frequency, at: datetime) -> Iterator[datetime]:
        where = zone() if self.zone is None else ZoneInfo(self.zone)
        today, clock = at.astimezone(where).date(), self.clock or USUAL_CLOCK
        days = self._weekly(today) if frequency is Frequency.WEEKLY else self._monthly(today)
        return (at_clock(on, clock, where) for on in days)

    def _weekly(self, today: date) -> list[date]:
        ahead = (USUAL_WEEKDAY if self.weekday is None else self.weekday) - today.weekday()
        return [today + timedelta(days=ahead + DAYS_A_WEEK * weeks) for weeks in (-2, -1, 0, 1, 2)]

    def _monthly(self, today: date) -> list[date]:
        wanted, first = self.month_day or USUAL_MONTH_DAY, today.replace(day=1)
        months = [(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1) for n in (-1, 0, 1)]
        return [date(year, month, min(wanted, monthrange(year, month)[1])) for year, month in months]


# What holds of a digest where its reader chose only a part: as the city's rules are at first.
USUAL_WEEKDAY, USUAL_MONTH_DAY, USUAL_CLOCK = 0, 1, time(9)
