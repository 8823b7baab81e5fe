"""The last move of a milestone, or of what the city says of a commitment: whether an update tells it, and in which
words one could."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both
from flows.commitments.reading import update_of
from flows.commitments.updates import LINK_MOST_CHARS, Writing
from flows.commitments.values import Commitment, Milestone, MilestoneState, Status, Update, UpdateState
from flows.store.tables.commitments import PlanChangeRow, UpdateRow
from flows.wording import N_, Lang, text

MOVED = {
    MilestoneState.NOT_STARTED: N_("The milestone “{title}” has been set back: it has not been started."),
    MilestoneState.IN_PROGRESS: N_("Work on the milestone “{title}” is now in progress."),
    MilestoneState.COMPLETE: N_("The milestone “{title}” is now complete."),
    MilestoneState.DELAYED: N_("The milestone “{title}” is now delayed."),
    MilestoneState.CANCELLED: N_("The milestone “{title}” is now cancelled."),
}
SAID = N_("What the city says of how far this commitment is has changed. Now: {now}. Before: {before}.")


@dataclass(frozen=True, slots=True)
class Move:
    """`said`: in words that an update can begin with. `update`: one written since about the same thing, not cancelled;
    without it followers have not been told."""

    said: Both
    update: Update | None


async def last_move(tx: AsyncSession, c: Commitment, m: Milestone | None = None) -> Move | None:
    """Of the state of `m`, or without it of the city's status; None when it never moved."""
    changes = select(PlanChangeRow).where(PlanChangeRow.commitment == c.code)
    if m:
        changes = changes.where(PlanChangeRow.milestone == m.number, PlanChangeRow.field == "state")
    else:
        changes = changes.where(PlanChangeRow.field == "status")
    moved = await tx.scalar(changes.order_by(PlanChangeRow.id.desc()).limit(1))
    if moved is None:
        return None
    told = select(UpdateRow).where(
        UpdateRow.commitment == c.code,
        UpdateRow.milestone_id.is_not_distinct_from(m and m.id),
        UpdateRow.state != UpdateState.CANCELLED,
        UpdateRow.corrects.is_(None),
        UpdateRow.written_at >= moved.at,
    )
    row = await tx.scalar(told.order_by(UpdateRow.id.desc()).limit(1))

    def said(lang: Lang) -> str:
        if m:
            return text(lang, MOVED[m.state], title=m.title.of(lang))
        now, before = (text(lang, Status(status or Status.UNKNOWN).wording) for status in (moved.after, moved.before))
        return text(lang, SAID, now=now, before=before)

    return Move(Both.said(said), update_of(row) if row else None)


def writing_of(move: Move, m: Milestone | None, site: str) -> Writing:
    """The draft of an update about a move, with the newest evidence that is to be found under an address.

    `site`: where our own files are.
    """
    links = [site + e.href if e.file else e.href for e in m.evidence if e.href] if m else []
    fitting = [link for link in links if len(link) <= LINK_MOST_CHARS]
    return Writing(move.said, milestone=m.id if m else None, evidence=fitting[-1] if fitting else None)
