"""When somebody may be disturbed: never in the city's night, nor in hours and on days that they keep for themselves.

The hours of the night are those of the law on advertising messages (정보통신망법 제50조 제3항), kept here for every
message. A clock that is put back shows an hour twice, and one that is put forward leaves an hour out: what is due at
such a time is due at its later moment.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from flows.city import zone

SATURDAY, DAYS_A_WEEK = 5, 7
STEPS_MOST = 20  # from one bar to the end of the next; hours that leave no moment free are never kept


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` (included) to `end` (not included); over midnight where `start` is the later one."""

    start: time = time(21)
    end: time = time(8)

    def covers(self, clock: time) -> bool:
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


QUIET = Quiet()


@dataclass(frozen=True, slots=True)
class Hours:
    """What one citizen keeps for themselves beyond the city's night, in `zone`: the city's where they named none.

    Who lives by another clock and names no hours has the night of that clock.
    """

    quiet: Quiet | None = None
    weekends: bool = True
    zone: str | None = None

    @property
    def local(self) -> ZoneInfo:
        return zone() if self.zone is None else ZoneInfo(self.zone)

    def decent(self, moment: datetime) -> datetime:
        """`moment`, or the first one after it that these hours leave free; the city's night is not asked."""
        local, quiet = moment.astimezone(self.local), self.quiet or (QUIET if self.zone else None)
        if quiet and quiet.covers(local.time()):
            over_midnight = quiet.start > quiet.end and local.time() >= quiet.start
            return at_clock(local.date() + timedelta(days=over_midnight), quiet.end, self.local)
        if not self.weekends and local.weekday() >= SATURDAY:
            return at_clock(local.date() + timedelta(days=DAYS_A_WEEK - local.weekday()), time(), self.local)
        return moment


ANY_HOUR = Hours()


def next_decent_moment(asked: datetime, own: Hours = ANY_HOUR) -> datetime:
    """`asked` when it suits; else the end of the night, or of what the citizen keeps free. Never earlier than asked."""
    moment = asked
    for _ in range(STEPS_MOST):
        later = own.decent(_after_night(moment))
        if later == moment:
            break
        moment = later
    return moment.astimezone(asked.tzinfo)


def at_clock(on: date, clock: time, where: ZoneInfo) -> datetime:
    """When the clocks of `where` show `clock` on that day; the later moment where that is in doubt."""
    return max(datetime.combine(on, clock, where).replace(fold=fold).astimezone(UTC) for fold in (0, 1))


@cache
def leaves_room(own: Hours, year: int) -> bool:
    """Whether these hours leave at least an hour a week in summer and in winter in which an alert can arrive."""
    starts = [datetime(year, month, 1, tzinfo=zone()) for month in (1, 7)]
    hours = [[start + timedelta(hours=n) for n in range(24 * DAYS_A_WEEK)] for start in starts]
    return all(any(own.decent(_after_night(hour)) == hour for hour in week) for week in hours)


def _after_night(moment: datetime) -> datetime:
    return Hours(QUIET).decent(moment)
