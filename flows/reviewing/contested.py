"""A contested decision is for other eyes than those of whoever made it."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts
from flows.accounts import Role, Staff
from flows.errors import NotAllowed
from flows.store.tables.suggesting import EventRow
from flows.suggesting import DECIDED, OPEN, Actor, Status, Suggestion
from flows.wording import N_


class DecidedBefore(NotAllowed):
    message = N_(
        "You made the decision on {receipt} that its author objects to. Please let a colleague look at it: "
        "the author was promised that somebody else would."
    )


async def contested_decision_of(tx: AsyncSession, s: Suggestion) -> int | None:
    """Who of the staff made the decision that waits to be looked at again; None when none does."""
    if s.contested_at is None or s.status not in (*OPEN, Status.HIDDEN):
        return None
    decided = (
        select(EventRow.staff_id)
        .where(
            EventRow.suggestion_id == s.id,
            EventRow.actor == Actor.STAFF,
            EventRow.after.in_((*DECIDED, Status.HIDDEN)),
            EventRow.at <= s.contested_at,
        )
        .order_by(EventRow.id.desc())
        .limit(1)
    )
    return await tx.scalar(decided)


async def is_alone(tx: AsyncSession, staff: Staff, needed: Role) -> bool:
    """Whether nobody else can do what takes the role `needed`."""
    return not any(
        c.left_at is None and not c.is_invited and c.staff.id != staff.id and c.staff.role.covers(needed)
        for c in await accounts.colleagues(tx)
    )


async def check_fresh_eyes(tx: AsyncSession, s: Suggestion, by: Staff, needed: Role) -> None:
    """Raises DecidedBefore for whoever made the contested decision, unless they are alone."""
    if await contested_decision_of(tx, s) == by.id and not await is_alone(tx, by, needed):
        raise DecidedBefore(receipt=s.receipt)
