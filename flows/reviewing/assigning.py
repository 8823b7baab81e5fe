"""Who has a suggestion in hand. A claim ends by itself after the city's `claim_hours`: then the suggestion is free."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, suggesting
from flows.accounts import NoColleague, Role, Staff
from flows.city import city
from flows.errors import Conflict, NotAllowed
from flows.reviewing.contested import check_fresh_eyes, is_alone
from flows.store.tables.suggesting import EventRow, SuggestionRow
from flows.suggesting import DECIDED, OPEN, WAITING, Actor, Kind, Order, Suggestion, Wanted
from flows.wording import N_


class Taken(Conflict):
    message = N_("{name} has the suggestion {receipt} already.")


class NotOpen(Conflict):
    message = N_("The suggestion {receipt} needs nobody any more: it is answered, or was taken away.")


class NotHeld(Conflict):
    message = N_("The suggestion {receipt} is assigned to nobody.")


class EditorsAssign(NotAllowed):
    message = N_("Only editors and administrators may assign suggestions to colleagues or take them from others.")


async def take(tx: AsyncSession, receipt: str, *, by: Staff, at: datetime, seen: int | None = None) -> Suggestion:
    """Take a suggestion that nobody has; one's own is held for longer.

    `seen`: the version that the caller saw, here and below.
    Raises Taken, NotOpen, DecidedBefore, StatusMoved, NoSuchSuggestion.
    """
    wanted = await _open(tx, receipt, seen)
    await check_fresh_eyes(tx, wanted, by, Role.REVIEWER)
    holder = wanted.holder(at)
    if holder not in (None, by.id):
        raise Taken(name=(await accounts.colleague(tx, holder)).staff.called, receipt=receipt)
    return await _give(tx, wanted, by, by=by, at=at, action="suggestion.taken")


async def take_next(tx: AsyncSession, *, by: Staff, at: datetime) -> Suggestion | None:
    """Take the most urgent one that waits and that nobody has; two who ask at one moment get different ones.

    What was contested is for others than whoever decided it, if there are others. None when nothing is left.
    """
    decided_by_them = select(EventRow.id).where(
        EventRow.suggestion_id == SuggestionRow.id, EventRow.staff_id == by.id, EventRow.after.in_(DECIDED)
    )
    for_them = SuggestionRow.contested_at.is_(None) | ~decided_by_them.exists()
    free = Wanted(statuses=WAITING, is_free=True, order=Order.URGENT, at=at)
    wanted = await suggesting.first(tx, free, *(() if await is_alone(tx, by, Role.REVIEWER) else (for_them,)))
    return await _give(tx, wanted, by, by=by, at=at, action="suggestion.taken") if wanted else None


async def release(tx: AsyncSession, receipt: str, *, by: Staff, at: datetime, seen: int | None = None) -> Suggestion:
    """Give a suggestion back; that of somebody else only as an editor.

    Raises NotHeld, EditorsAssign, NotOpen, StatusMoved, NoSuchSuggestion.
    """
    held = await _open(tx, receipt, seen)
    holder = held.holder(at)
    if holder is None:
        raise NotHeld(receipt=receipt)
    if holder != by.id and not by.role.covers(Role.EDITOR):
        raise EditorsAssign
    return await _give(tx, held, None, by=by, at=at, action="suggestion.released")


async def assign(
    tx: AsyncSession, receipt: str, to: int, *, by: Staff, at: datetime, seen: int | None = None
) -> Suggestion:
    """Give a suggestion to a colleague, whoever has it now. Whoever is no editor can only take it for themself.

    Raises EditorsAssign, NoColleague, what `take` raises, NotOpen, StatusMoved, NoSuchSuggestion.
    """
    if not by.role.covers(Role.EDITOR):
        if to == by.id:
            return await take(tx, receipt, by=by, at=at, seen=seen)
        raise EditorsAssign
    return await _give(
        tx, await _open(tx, receipt, seen), await _present(tx, to), by=by, at=at, action="suggestion.assigned"
    )


async def count_held(tx: AsyncSession, staff: int, *, at: datetime) -> int:
    """How many suggestions somebody has in hand."""
    return (await suggesting.tally(tx, {staff: Wanted(statuses=OPEN, assignee=staff, at=at)}))[staff]


async def hand_over(tx: AsyncSession, from_: int, to: int | None, *, by: Staff, at: datetime) -> int:
    """Give all that somebody has in hand to a colleague, or back into the queue: when they leave. How many it was.

    Raises NoColleague.
    """
    heir = None if to is None else await _present(tx, to)
    held = await suggesting.find(tx, Wanted(statuses=OPEN, assignee=from_, at=at), limit=None)
    for suggestion in held:
        await _give(tx, suggestion, heir, by=by, at=at, action="suggestion.handed_over")
    return len(held)


async def _open(tx: AsyncSession, receipt: str, seen: int | None) -> Suggestion:
    found = await suggesting.as_seen(tx, receipt, seen)
    if found.status not in OPEN:
        raise NotOpen(receipt=receipt)
    return found


async def _present(tx: AsyncSession, id_: int) -> Staff:
    found = await accounts.colleague(tx, id_)
    if found.left_at is not None:
        raise NoColleague
    return found.staff


async def _give(
    tx: AsyncSession, seen: Suggestion, to: Staff | None, *, by: Staff, at: datetime, action: str
) -> Suggestion:
    until = at + timedelta(hours=city().suggestions.claim_hours)
    claim = {"assignee_id": to.id, "assigned_until": until} if to else {"assignee_id": None, "assigned_until": None}
    given = await suggesting.change(tx, seen.receipt, SuggestionRow.version == seen.version, at=at, **claim)
    holder = seen.holder(at)
    if (to and to.id) != holder:  # else the claim was only renewed
        await suggesting.note(
            tx, seen.id, Kind.ASSIGNED, Actor.STAFF, staff=by.id, words=to.called if to else None, at=at
        )
    before = (await accounts.colleague(tx, holder)).staff.email if holder else None
    await accounts.audit(
        tx,
        by,
        action,
        seen.receipt,
        before={"assignee": before},
        after={"assignee": to.email if to else None},
        at=at,
    )
    return given
