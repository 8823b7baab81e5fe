"""What waits beyond the city's night, for those who keep hours of their own or have paused their alerts.

However many are owed a message, hours are looked at once for each kind that is kept, not once for each citizen.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, DateTime, Text, cast, column, func, select, update, values
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from flows import subscribing
from flows.store.tables.delivering import DeliveryRow, NoticeRow
from flows.store.tables.subscribing import AlertSettingsRow
from flows.subscribing import next_decent_moment, own_hours, read_settings

HOURS = (
    AlertSettingsRow.zone,
    AlertSettingsRow.quiet_from,
    AlertSettingsRow.quiet_until,
    AlertSettingsRow.weekends,
    AlertSettingsRow.resumes_at,
)
KEY = func.concat_ws("|", *(func.coalesce(cast(column, Text), "") for column in HOURS))
NOT_TRIED = (DeliveryRow.state == "owed", DeliveryRow.attempts == 0)


async def hold(tx: AsyncSession, which: ColumnElement[bool], *, at: datetime) -> None:
    """Move what is owed to the first moment that its receiver's own hours and pause leave free."""
    theirs = DeliveryRow.citizen_id == AlertSettingsRow.citizen_id
    kinds = select(KEY, AlertSettingsRow).join(DeliveryRow, theirs).where(which, *NOT_TRIED, own_hours())
    usual, moments = next_decent_moment(at), []
    for key, row in (await tx.execute(kinds.ext(distinct_on(KEY)))).all():
        settings = read_settings(row)
        due = next_decent_moment(max(at, settings.resumes_at or at), settings.hours)
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
    waiting = update(DeliveryRow).where(whose, *NOT_TRIED).execution_options(synchronize_session=False)
    paused = [citizen for citizen, settings in changed.items() if settings.is_paused(at)]
    followed = DeliveryRow.notice_id.in_(select(NoticeRow.id).where(NoticeRow.about.is_not(None)))
    await tx.execute(waiting.where(DeliveryRow.citizen_id.in_(paused), followed).values(state="gathered"))
    await tx.execute(waiting.where(DeliveryRow.due_at > at).values(due_at=next_decent_moment(at)))
    await hold(tx, whose, at=at)
