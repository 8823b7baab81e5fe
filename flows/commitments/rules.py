"""What a milestone may be, whoever enters it: a form, an import, a command."""

from collections.abc import Iterable
from datetime import date

from flows.city import Both
from flows.commitments.documents import PlannedEvidence, PlannedMilestone
from flows.commitments.values import EvidenceKind, MilestoneState
from flows.errors import Conflict, Invalid
from flows.wording import N_

TITLE_MOST_CHARS = 200
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # a year outside is a slip of the hand


class TitleMissing(Invalid):
    message = N_("Please write the title in both languages.")


class TitleTooLong(Invalid):
    message = N_("Please keep the title to {most} characters. This one has {length}.")


class BadDay(Invalid):
    message = N_("Please give a date, such as 2026-11-24.")


class NotYet(Invalid):
    """Nothing can have been reached, or shown, tomorrow."""

    message = N_("This date has not come yet.")


class NoEvidence(Invalid):
    message = N_("A milestone is complete only with evidence: please add a link, a file or a figure first.")


class FresherThanEvidence(Invalid):
    message = N_("The newest evidence is of {date}. A milestone cannot have been reached after that.")


class NotReached(Invalid):
    message = N_("Only a milestone that is complete has a day on which it was reached.")


class WhatItShows(Invalid):
    message = N_("A link needs an address, a figure a number and its unit in both languages, and nothing besides.")


class MilestoneThere(Conflict):
    """The same milestone once more, as when a form is sent twice."""

    message = N_("This commitment has a milestone with these titles and this date already.")


def check_title(text: str) -> None:
    """Raises TitleMissing, TitleTooLong."""
    if not text.strip():
        raise TitleMissing
    if len(text) > TITLE_MOST_CHARS:
        raise TitleTooLong(most=TITLE_MOST_CHARS, length=len(text))


def check_day(day: date) -> None:
    """Raises BadDay."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise BadDay


def check_evidence(e: PlannedEvidence, today: date, *, has_file: bool = False) -> None:
    """`has_file`: one comes with it. Raises BadDay, NotYet, WhatItShows."""
    check_day(e.date)
    if e.date > today:
        raise NotYet
    link, file = e.kind is EvidenceKind.LINK, e.kind is EvidenceKind.FILE
    figure = e.kind is EvidenceKind.FIGURE
    shown = (e.url is not None, e.value is not None, e.unit is not None, has_file or e.file is not None)
    if shown != (link, figure, figure, file):
        raise WhatItShows


def check_once(title: Both, due: date, others: Iterable[tuple[Both, date]]) -> None:
    """Raises MilestoneThere."""
    if (title, due) in others:
        raise MilestoneThere


def reached_on(m: PlannedMilestone, before: PlannedMilestone | None, today: date) -> date | None:
    """The day on which a milestone counts as reached: no later than its newest evidence, which is the day when none
    is given. What was complete before with that day stays so, also without evidence.

    Raises NoEvidence, NotYet, FresherThanEvidence, NotReached.
    """
    if m.state is not MilestoneState.COMPLETE:
        if m.done:
            raise NotReached
        return None
    if before and before.state is m.state and m.done == before.done and not before.evidence:
        return m.done
    shown = [e.date for e in m.evidence if e.date <= today]
    if not shown:
        raise NoEvidence
    if m.done and m.done > today:
        raise NotYet
    if m.done and m.done > max(shown):
        raise FresherThanEvidence(date=max(shown).isoformat())
    return m.done or max(shown)
