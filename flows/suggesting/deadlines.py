"""By when staff owe an answer, or an author theirs: decided with each move, so that no path forgets the clock.

While an author is asked, and while a suggestion is hidden, the clock of staff stands still: `days_left` keeps the
working days that they had left, and they have as many again when it goes on, counted from the day after.
"""

from datetime import datetime, time, timedelta

from flows.city import city, day, zone
from flows.suggesting.values import OPEN, Status, Suggestion
from flows.working_days import working_days_after, working_days_between

LATE = -1  # in `days_left`: it was overdue already


def answer_due(is_promised: bool, at: datetime) -> datetime:
    """When staff owe the answer to a suggestion, counted from `at`."""
    rules = city().suggestions
    days = rules.promise.answer_in if is_promised and rules.promise else rules.answer_in_working_days
    return working_days_after(at, days)


def reply_due(at: datetime) -> datetime:
    """When an author who is asked at `at` owes the reply: the end of a day."""
    last = day(at) + timedelta(days=city().suggestions.author_replies_in_days)
    return datetime.combine(last + timedelta(days=1), time(), zone())


def after_move(s: Suggestion, to: Status, at: datetime) -> dict[str, datetime | int | None]:
    """The columns of the deadline as they are once `s` has gone to another state."""
    if to is Status.AUTHOR_ASKED:
        return {"due_at": reply_due(at), "days_left": _left(s, at)}
    if to not in OPEN:
        return {"due_at": None, "days_left": _left(s, at) if to is Status.HIDDEN else None}
    if s.days_left is not None:
        return {"due_at": working_days_after(at, s.days_left), "days_left": None}
    if s.status in OPEN:
        return {}
    return {"due_at": answer_due(s.promised_at is not None, at), "days_left": None}


def is_in_time(s: Suggestion, at: datetime) -> bool | None:
    """Whether an answer at `at` keeps what staff owe; None where nothing was owed."""
    left = _left(s, at)
    return None if left is None else left != LATE


def warned_until(at: datetime) -> datetime:
    """What staff owe until then is due soon."""
    return working_days_after(at, city().suggestions.warned_before_working_days)


def _left(s: Suggestion, at: datetime) -> int | None:
    if s.status in (Status.AUTHOR_ASKED, Status.HIDDEN):
        return s.days_left
    if s.due_at is None:
        return None
    return working_days_between(at, s.due_at) if at < s.due_at else LATE
