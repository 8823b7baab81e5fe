"""How long an answer may be relied on before somebody looks at it again."""

from datetime import date, timedelta
from enum import StrEnum

from flows.topics import AnswerText
from flows.wording import N_, Lang, text, written_date

DUE_WITHIN = timedelta(days=30)


class Freshness(StrEnum):
    """Whether an answer's review date is over, near or far."""

    OVERDUE = "overdue"
    DUE = "due"
    CURRENT = "current"

    @property
    def wording(self) -> str:
        return FRESHNESS_WORDING[self]


FRESHNESS_WORDING = {
    Freshness.OVERDUE: N_("Review overdue"),
    Freshness.DUE: N_("Review due soon"),
    Freshness.CURRENT: N_("Not due yet"),
}


def freshness(topic: AnswerText, today: date) -> Freshness:
    """The review date itself still counts as in time."""
    if topic.review_by < today:
        return Freshness.OVERDUE
    return Freshness.DUE if topic.review_by <= today + DUE_WITHIN else Freshness.CURRENT


def doubt(topic: AnswerText, today: date, lang: Lang) -> str | None:
    """The line with which an answer ends when its review is overdue."""
    if freshness(topic, today) is not Freshness.OVERDUE:
        return None
    due = written_date(lang, topic.review_by.isoformat())
    return text(lang, N_("This answer was due to be checked by {date} and may be out of date."), date=due)
