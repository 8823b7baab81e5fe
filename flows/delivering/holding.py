"""What waits beyond the city's night, for those who keep hours of their own or have paused their alerts.

However many are owed a message, hours are looked at once for each kind that is kept, not once for each citizen.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Text,
    any_,
    cast,
    column,
    delete,
    exists,
    func,
    select,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from flows import subscribing
from flows.delivering.pausing import WAITING
from flows.messages import CitizenId
from flows.store.tables.delivering import DeliveryRow, NoticeRow
from flows.store.tables.subscribing import AlertSettingsRow, FollowRow
from flows.subscribing import Settings, next_decent_moment, own_hours, read_settings

HOURS = (
    AlertSettingsRow.zone,
    AlertSettingsRow.quiet_from,
    AlertSettingsRow.quiet_until,
    AlertSettingsRow.weekends,
    AlertSettingsRow.resumes_at,
)
KEY = func.concat_ws("|", *(func.coalesce(cast(column, Text), "") for column in HOURS))
NOT_TRIED = (DeliveryRow.state.in_(WAITING), DeliveryRow.attempts == 0)


def free_from(settings: Settings, at: datetime) -> datetime:
    """`at`, or the first moment after it that somebody's hours and pause leave free."""
    return next_decent_moment(max(at, settings.resumes_at or at), settings.hours)


def waits_until(settings: Settings, start: datetime, end: datetime) -> datetime | None:
    """Until when a message waits that would go out between these moments; None when it need not."""
    return next((free for moment in (start, end) if (free := free_from(settings, moment)) > moment), None)


async def hold(tx: AsyncSession, which: ColumnElement[bool], *, at: datetime) -> None:
    """Move what is owed to the first moment that its receiver's own hours and pause leave free."""
    theirs = DeliveryRow.citizen_id == AlertSettingsRow.citizen_id
    kinds = select(KEY, AlertSettingsRow).join(DeliveryRow, theirs).where(which, *NOT_TRIED, own_hours())
    usual, moments = next_decent_moment(at), []
    for key, row in (await tx.execute(kinds.ext(distinct_on(KEY)))).all():
        due = free_from(read_settings(row), at)
        if due > usual:
            moments.append((key, due))
    if not moments:
        return
    held = values(column("key", Text), column("due", DateTime(timezone=True)), name="held").data(moments)
    moved = update(DeliveryRow).where(which, *NOT_TRIED, theirs, held.c.key == KEY)
    later = moved.values(due_at=func.greatest(DeliveryRow.due_at, held.c.due))
    await tx.execute(later.execution_options(synchronize_session=False))


async def settle(tx: AsyncSession, *, at: datetime) -> None:
    """Move what is owed already to those who have just changed their hours.

    What they follow waits for one digest after a pause; what is theirs alone waits as it is.
    """
    changed = await subscribing.unsettled(tx)
    if not changed:
        return
    whose = DeliveryRow.citizen_id.in_(changed)
    await gather_for(tx, [citizen for citizen, settings in changed.items() if settings.is_paused(at)])
    moved = update(DeliveryRow).where(whose, *NOT_TRIED, DeliveryRow.due_at > at)
    await tx.execute(moved.values(due_at=next_decent_moment(at)).execution_options(synchronize_session=False))
    await hold(tx, whose, at=at)


async def gather_for(tx: AsyncSession, paused: Collection[CitizenId]) -> None:
    """Leave to one digest after their pause what is owed to these of what they follow.

    One that they are owed already is taken apart for it.
    """
    follows = (FollowRow.citizen_id == DeliveryRow.citizen_id) & (FollowRow.commitment == any_(NoticeRow.about))
    of_notice, owed = NoticeRow.id == DeliveryRow.notice_id, DeliveryRow.state.in_(WAITING)
    theirs = update(DeliveryRow).where(DeliveryRow.citizen_id.in_(paused))
    followed = theirs.where(owed, of_notice, exists().where(follows)).values(state="gathered")
    await tx.execute(followed.execution_options(synchronize_session=False))
    whole = select(DeliveryRow.id).join(NoticeRow, of_notice).where(DeliveryRow.citizen_id.in_(paused), owed)
    digests = list(await tx.scalars(whole.where(NoticeRow.kind == "digest").with_for_update(of=DeliveryRow)))
    if digests:
        bundled = theirs.where(DeliveryRow.digest_id.in_(digests))
        await tx.execute(bundled.values(state="gathered", digest_id=None, ended_at=None))
        await tx.execute(delete(DeliveryRow).where(DeliveryRow.id.in_(digests)))


async def put_off(tx: AsyncSession, claimed: Sequence[tuple[int, datetime]]) -> None:
    """Owe at these moments what was claimed and has met its reader's own hours or pause. That was no try."""
    until = values(column("id", BigInteger), column("due", DateTime(timezone=True)), name="until").data([*claimed])
    back = update(DeliveryRow).where(DeliveryRow.id == until.c.id)
    owed = back.values(state="owed", due_at=until.c.due, attempts=DeliveryRow.attempts - 1)
    await tx.execute(owed.execution_options(synchronize_session=False))
