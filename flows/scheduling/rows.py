"""The rows of the schedules."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.errors import Conflict, NotFound
from flows.scheduling.values import KINDS, Result, Schedule
from flows.store.tables.scheduling import ScheduleRow
from flows.wording import N_

LOOKS_BACK = timedelta(days=1)


class NoSuchSchedule(NotFound):
    message = N_("There is no such schedule.")


class ScheduleMoved(Conflict):
    message = N_("Somebody else has changed this schedule meanwhile, so nothing was saved. Look at how it is now.")


class ScheduleFixed(Conflict):
    message = N_("This schedule is fixed. It can be run, but neither changed nor switched off.")


async def ready(tx: AsyncSession, *, at: datetime) -> list[Schedule]:
    """All schedules, in the order of KINDS. What has no row yet gets the usual one.

    What only looks at rows may run at once where it is new; what gathers begins to gather now.
    """
    usual = [
        {"name": name, "crontab": kind.usual, "fired_at": at if kind.gathers else at - LOOKS_BACK, "since": at}
        for name, kind in KINDS.items()
    ]
    await tx.execute(insert(ScheduleRow).values(usual).on_conflict_do_nothing())
    rows = {row.name: row for row in await tx.scalars(select(ScheduleRow))}
    return [_schedule(rows[name]) for name in KINDS]


async def get(tx: AsyncSession, name: str) -> Schedule:
    """Raises NoSuchSchedule."""
    row = await tx.scalar(select(ScheduleRow).where(ScheduleRow.name == name, ScheduleRow.name.in_(KINDS)))
    if row is None:
        raise NoSuchSchedule
    return _schedule(row)


async def fire(tx: AsyncSession, seen: Schedule, *, at: datetime) -> bool:
    """Take its turn, until the transaction ends. False: another clock was faster, and has run it."""
    mine = (ScheduleRow.name == seen.name) & (ScheduleRow.fired_at == seen.fired_at)
    mine &= ScheduleRow.asked_at.is_not_distinct_from(seen.asked_at)
    taken = update(ScheduleRow).where(mine).values(fired_at=at, asked_at=None)
    return await tx.scalar(taken.returning(ScheduleRow.name)) is not None


async def note(tx: AsyncSession, name: str, result: Result, *, at: datetime) -> None:
    """How a run went. What failed gathers again from where the last good one ended."""
    run = update(ScheduleRow).where(ScheduleRow.name == name)
    await tx.execute(run.values(ran_at=at, result=result, **({"since": at} if result is Result.DONE else {})))


async def change(tx: AsyncSession, name: str, crontab: str, *, seen: str, at: datetime) -> None:
    """Give it other times, from now on; `seen` is the line that was looked at, `crontab` is known to be a good one.

    Raises NoSuchSchedule, ScheduleFixed, ScheduleMoved.
    """
    _refuse_fixed(await get(tx, name))
    changed = update(ScheduleRow).where(ScheduleRow.name == name, ScheduleRow.crontab == seen)
    if await tx.scalar(changed.values(crontab=crontab, fired_at=at).returning(ScheduleRow.name)) is None:
        raise ScheduleMoved


async def switch(tx: AsyncSession, name: str, *, on: bool, at: datetime) -> None:
    """Switch it on, from now on, or off. Raises NoSuchSchedule, ScheduleFixed, ScheduleMoved."""
    _refuse_fixed(await get(tx, name))
    switched = update(ScheduleRow).where(ScheduleRow.name == name, ScheduleRow.is_on.is_(not on))
    if await tx.scalar(switched.values(is_on=on, fired_at=at).returning(ScheduleRow.name)) is None:
        raise ScheduleMoved


async def ask(tx: AsyncSession, name: str, *, at: datetime) -> None:
    """Have it run as soon as a clock sees it, be it on or off. Raises NoSuchSchedule."""
    await get(tx, name)
    await tx.execute(update(ScheduleRow).where(ScheduleRow.name == name).values(asked_at=at))


def _refuse_fixed(schedule: Schedule) -> None:
    if schedule.kind.is_fixed:
        raise ScheduleFixed


def _schedule(row: ScheduleRow) -> Schedule:
    return Schedule(
        name=row.name,
        crontab=row.crontab,
        is_on=row.is_on,
        fired_at=row.fired_at,
        since=row.since,
        asked_at=row.asked_at,
        ran_at=row.ran_at,
        result=Result(row.result) if row.result else None,
    )
