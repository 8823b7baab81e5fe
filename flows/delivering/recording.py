"""What became of messages, written into their rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows import citizens
from flows.delivering.parcels import Outcome, Parcel
from flows.delivering.staff_chats import forget_staff_chat
from flows.store.tables.delivering import DeliveryRow

# An outage shall not end what is still worth reading: with these pauses, and none tried at night, about two days.
TRIES = 32
UNCERTAIN_MOST = 8  # of a message that may have arrived each time
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)

type Ended = tuple[Parcel, Outcome]


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator decides. `uncertain_again`: a message that may have arrived is sent once more, since reading
    something twice is better than never. `pause_after`: so many errors in a row pause a broadcast.
    """

    uncertain_again: bool = True
    pause_after: int = 25


USUAL = Policy()


async def record(tx: AsyncSession, ended: Sequence[Ended], policy: Policy, *, at: datetime) -> None:
    """One group of ends, in as few statements as it has kinds."""
    by_kind: dict[str, list[Ended]] = {}
    for parcel, outcome in ended:
        by_kind.setdefault(outcome.kind, []).append((parcel, outcome))
    if sent := by_kind.get("sent"):
        # Also what another worker has claimed meanwhile, because we were slow: it arrived.
        arrived = update(DeliveryRow).where(DeliveryRow.id.in_(_ids(sent)))
        await tx.execute(arrived.values(state="sent", ended_at=at, reason=None))
    if held := by_kind.get("held"):
        await tx.execute(_ours(held).values(state="owed", attempts=DeliveryRow.attempts - 1))
    if refused := by_kind.get("refused"):
        await _end(tx, refused, "failed", at=at)
    for parcel, outcome in by_kind.get("gone", ()):
        await citizens.mark_gone(tx, parcel.citizen, at=at)
        await forget_staff_chat(tx, parcel.citizen)
        await _end(tx, [(parcel, outcome)], "gone", at=at)
    for one in by_kind.get("later", ()):
        await _try_later(tx, one, at=at)
    for one in by_kind.get("uncertain", ()):
        counted = _ours([one]).values(uncertain=DeliveryRow.uncertain + 1).returning(DeliveryRow.uncertain)
        times = await tx.scalar(counted)
        if times == UNCERTAIN_MOST:
            await _end(tx, [one], "failed", at=at)
        elif policy.uncertain_again:
            await _try_later(tx, one, at=at)
        else:
            await _end(tx, [one], "uncertain", at=at)


async def _try_later(tx: AsyncSession, ended: Ended, *, at: datetime) -> None:
    """Owe it again after a pause that doubles from try to try; give up after the last one."""
    parcel, outcome = ended
    if parcel.attempt >= TRIES:
        await _end(tx, [ended], "failed", at=at)
        return
    due_at = at + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (parcel.attempt - 1))
    again = _ours([ended]).values(state="owed", due_at=due_at, reason=outcome.reason)
    if await tx.scalar(again.returning(DeliveryRow.id)) is not None:
        # Those behind it wait too: nobody hears of the end before the beginning.
        behind = update(DeliveryRow).where(
            DeliveryRow.citizen_id == parcel.citizen, DeliveryRow.state == "owed", DeliveryRow.due_at < due_at
        )
        await tx.execute(behind.values(due_at=due_at))


async def _end(tx: AsyncSession, ended: Sequence[Ended], state: str, *, at: datetime) -> None:
    for reason in {outcome.reason for _, outcome in ended}:
        theirs = [one for one in ended if one[1].reason == reason]
        await tx.execute(_ours(theirs).values(state=state, ended_at=at, reason=reason))


def _ours(ended: Sequence[Ended]) -> Update:
    """The rows of these, as far as nobody has claimed them after us."""
    claims = [(parcel.delivery, parcel.attempt) for parcel, _ in ended]
    return update(DeliveryRow).where(
        tuple_(DeliveryRow.id, DeliveryRow.attempts).in_(claims), DeliveryRow.state == "claimed"
    )


def _ids(ended: Sequence[Ended]) -> list[int]:
    return [parcel.delivery for parcel, _ in ended]
