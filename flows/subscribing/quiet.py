"""The night belongs to people: nothing is pushed between 21:00 and 08:00 in the city's time.

The hours are those of the law on advertising messages (정보통신망법 제50조 제3항), kept here for every message.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from flows.city import zone


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` in the evening (included) to `end` in the morning (not included), in the city's time."""

    start: time = time(21)
    end: time = time(8)


QUIET = Quiet()


def next_decent_moment(asked: datetime, quiet: Quiet = QUIET) -> datetime:
    """`asked` by day; by night, the end of that night. Never earlier than asked."""
    local = asked.astimezone(zone())
    if quiet.end <= local.time() < quiet.start:
        return asked
    morning = local.date() if local.time() < quiet.end else local.date() + timedelta(days=1)
    return datetime.combine(morning, quiet.end, zone()).astimezone(asked.tzinfo)
