"""How far the telling of a notice is, for staff; and failed ones tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both
from flows.delivering.correcting import KINDS
from flows.delivering.naming import name_of
from flows.delivering.pausing import WAITING, paused
from flows.errors import NotFound
from flows.store.queue import defer
from flows.store.tables.delivering import DeliveryRow, NoticeRow
from flows.wording import N_

# States in the order of a delivery's life.
STATES = {
    "owed": N_("Waiting"),
    "claimed": N_("Being sent"),
    "sent": N_("Sent"),
    "failed": N_("Failed"),
    "uncertain": N_("May have arrived"),
    "gone": N_("No longer reachable"),
    "dropped": N_("Not sent: no longer followed, or not needed after a correction"),
    "expired": N_("Not sent: its time was over"),
    "gathered": N_("Waiting for a digest"),
    "bundled": N_("Told in a digest"),
}
REASONS = {
    "blocked": N_("The person has blocked the bot or left."),
    "no_chat": N_("The chat is gone."),
    "not_taken": N_("The platform does not take this message."),
    "server": N_("The platform did not answer as it should."),
    "network": N_("The platform was out of reach."),
    "time_out": N_("No answer came in time: the message may have arrived."),
    "account": N_("The platform does not know our account. Check the token."),
    "broken": N_("An error of ours. The log says more."),
}
UNKNOWN = "broken"
SPEED_OVER, SPEED_LEAST = timedelta(minutes=1), timedelta(seconds=1)
BROADCASTS_SHOWN = 20  # all messages of each are counted
IN_DIGESTS = ("gathered", "bundled")
# An index each; with IN, PostgreSQL would read all that was ever sent.
IS_UNFINISHED = or_(*(DeliveryRow.state == state for state in (*WAITING, "claimed")))
TO_MANY = or_(NoticeRow.kind.in_(KINDS), (NoticeRow.kind == "digest") & NoticeRow.since.is_not(None))
SHOWN_STATE = case((DeliveryRow.state.in_(WAITING), "owed"), else_=DeliveryRow.state).label("shown")


class NoSuchBroadcast(NotFound):
    message = N_("There is no such broadcast.")


@dataclass(frozen=True, slots=True)
class Broadcast:
    """The telling of one notice. `failed` counts by reason, and `again` what waits for another try.

    `per_second` is that of the last minute, or of the time since the first message where that is less.
    """

    id: int
    kind: str
    subject: str
    name: Both
    created_at: datetime
    paused_at: datetime | None
    paused_because: str | None
    states: dict[str, int]
    failed: dict[str, int]
    again: dict[str, int]
    perhaps_twice: int
    next_at: datetime | None
    per_second: float

    @property
    def owed(self) -> int:
        """To how many this is or was owed by itself, not in a digest."""
        return sum(count for state, count in self.states.items() if state not in IN_DIGESTS)

    @property
    def waiting(self) -> int:
        return self.states.get("owed", 0) + self.states.get("claimed", 0)

    @property
    def is_over(self) -> bool:
        return not self.waiting

    @property
    def share_done(self) -> float:
        """From 0 to 1; 1 where nobody was owed anything."""
        return 1 - self.waiting / self.owed if self.owed else 1.0

    @property
    def time_left(self) -> timedelta | None:
        """At the present speed; None while nothing moves."""
        is_moving = self.per_second and self.waiting and not self.paused_at
        return timedelta(seconds=self.waiting / self.per_second) if is_moving else None


async def status(tx: AsyncSession) -> dict[str, int]:
    """How many deliveries are in which state, of all that ever were."""
    counted = select(SHOWN_STATE, func.count()).group_by(SHOWN_STATE).order_by(SHOWN_STATE)
    return dict((await tx.execute(counted)).all())


async def unfinished(tx: AsyncSession) -> dict[str, int]:
    """How many deliveries wait, are being sent, or have failed. What has ended is not counted, so it costs little."""
    left = or_(IS_UNFINISHED, DeliveryRow.state == "failed")
    rows = await tx.execute(select(SHOWN_STATE, func.count()).where(left).group_by(SHOWN_STATE))
    counted: dict[str, int] = dict(rows.all())
    return {state: counted.get(state, 0) for state in ("owed", "claimed", "failed")}


async def failures(tx: AsyncSession) -> dict[str, int]:
    """How many deliveries have failed, by reason."""
    failed = select(DeliveryRow.reason, func.count()).where(DeliveryRow.state == "failed").group_by(DeliveryRow.reason)
    return {reason or UNKNOWN: count for reason, count in await tx.execute(failed.order_by(DeliveryRow.reason))}


async def broadcasts(
    tx: AsyncSession, *, at: datetime, before: int | None = None, only_unfinished: bool = False
) -> list[Broadcast]:
    """The newest first, from the id before `before`: what goes to many, and of all else what needs a hand.

    That is what was paused or has failed. What is personal, or comes at times of somebody's own, is one each.
    """
    has_failed = NoticeRow.id.in_(select(DeliveryRow.notice_id).where(DeliveryRow.state == "failed"))
    shown = or_(TO_MANY, NoticeRow.paused_at.is_not(None), has_failed)
    rows = select(NoticeRow).where(shown).order_by(NoticeRow.id.desc()).limit(BROADCASTS_SHOWN)
    if before is not None:
        rows = rows.where(NoticeRow.id < before)
    if only_unfinished:
        left = await tx.scalars(select(DeliveryRow.notice_id).where(IS_UNFINISHED).distinct())
        rows = rows.where(NoticeRow.id.in_(left.all()))
    return await _counted(tx, list(await tx.scalars(rows)), at=at)


async def broadcast(tx: AsyncSession, notice: int, *, at: datetime) -> Broadcast:
    """One. Raises NoSuchBroadcast."""
    (found,) = await _counted(tx, [await _notice(tx, notice)], at=at)
    return found


async def broadcast_of(tx: AsyncSession, ref: str) -> int | None:
    """The broadcast that tells an update or a correction, by its reference; None before it is public."""
    told = NoticeRow.kind.in_(KINDS) & (NoticeRow.subject == ref)
    return await tx.scalar(select(NoticeRow.id).where(told))


async def count_paused(tx: AsyncSession) -> int:
    """How many are paused with something left to send."""
    left = exists().where(DeliveryRow.notice_id == NoticeRow.id, DeliveryRow.state.in_(WAITING))
    counted = select(func.count()).select_from(NoticeRow).where(NoticeRow.paused_at.is_not(None), left)
    return await tx.scalar(counted) or 0


async def retry_failed(tx: AsyncSession, notice: int, *, at: datetime) -> int:
    """Owe again what has failed, but not what may have arrived. Returns how many."""
    failed = update(DeliveryRow).where(DeliveryRow.notice_id == notice, DeliveryRow.state == "failed")
    state = case((DeliveryRow.notice_id.in_(paused()), "paused"), else_="owed")
    again = failed.values(state=state, due_at=at, ended_at=None, attempts=0, reason=None)
    count = len((await tx.scalars(again.returning(DeliveryRow.id))).all())
    await defer(tx, "delivering:send_due", once="send_due")
    return count


async def _notice(tx: AsyncSession, notice: int) -> NoticeRow:
    row = await tx.get(NoticeRow, notice)
    if row is None:
        raise NoSuchBroadcast
    return row


async def _counted(tx: AsyncSession, notices: Sequence[NoticeRow], *, at: datetime) -> list[Broadcast]:
    """How far the telling of each is, in one statement."""
    of, state, reason = DeliveryRow.notice_id, SHOWN_STATE, DeliveryRow.reason
    uncertain, due_at = func.sum(DeliveryRow.uncertain), func.min(DeliveryRow.due_at)
    is_recent = DeliveryRow.ended_at > at - SPEED_OVER
    recent, first = func.count().filter(is_recent), func.min(DeliveryRow.ended_at).filter(is_recent)
    counted = select(of, state, reason, func.count().label("count"), uncertain, due_at, recent, first).group_by(
        of, state, reason
    )
    groups: dict[int, list[Any]] = {notice.id: [] for notice in notices}
    for row in await tx.execute(counted.where(of.in_(groups))):
        groups[row.notice_id].append(row)
    return [_broadcast(notice, groups[notice.id], at) for notice in notices]


def _broadcast(row: NoticeRow, groups: Sequence[Any], at: datetime) -> Broadcast:
    """`groups`: rows of `_counted`, one for each state and reason."""
    states: dict[str, int] = dict.fromkeys(STATES, 0)
    failed: dict[str, int] = {}
    again: dict[str, int] = {}
    perhaps_twice = recent = 0
    next_at = since = None
    for _, state, reason, count, uncertain, due_at, lately, first in groups:
        states[state] += count
        match state:
            case "sent":
                perhaps_twice += uncertain
                recent, since = lately, first
            case "failed":
                failed[reason or UNKNOWN] = count
            case "owed":
                next_at = due_at if next_at is None else min(next_at, due_at)
                if reason:
                    again[reason] = count
    return Broadcast(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        name=Both.said(lambda lang: name_of(row, lang)),
        created_at=row.created_at,
        paused_at=row.paused_at,
        paused_because=row.paused_because,
        states=states,
        failed=failed,
        again=again,
        perhaps_twice=perhaps_twice,
        next_at=next_at,
        per_second=recent / max(at - since, SPEED_LEAST).total_seconds() if since else 0.0,
    )
