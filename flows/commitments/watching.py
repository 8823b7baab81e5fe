"""The overdue watch: what in the plans wants a member of staff. The clock looks, and so does every change of a plan."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts import Staff
from flows.city import city, day
from flows.commitments.reading import OPEN, NoSuchMilestone, milestones
from flows.commitments.values import Milestone
from flows.store.tables.accounts import StaffRow
from flows.store.tables.commitments import MilestoneRow, PlanTaskRow
from flows.wording import N_


class TaskKind(StrEnum):
    NEAR = "near"
    OVERDUE = "overdue"
    SILENT = "silent"

    @property
    def wording(self) -> str:
        return TASK_WORDING[self]


TASK_WORDING = {
    TaskKind.NEAR: N_("Due soon"),
    TaskKind.OVERDUE: N_("Overdue"),
    TaskKind.SILENT: N_("No sign of it since"),
}


@dataclass(frozen=True, slots=True)
class Task:
    """Something that wants staff. `since`: when it falls or fell due, or of which day the last sign is."""

    id: int
    kind: TaskKind
    since: date
    milestone: Milestone
    made_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None


async def watch(tx: AsyncSession, *, at: datetime) -> None:
    """Make the tasks that are due and end those that are over. No task is made twice."""
    today = day(at)
    soon = today + timedelta(days=city().commitments.warned_before_days)
    found = await milestones(tx, OPEN, MilestoneRow.due <= soon)
    due = [(m.id, kind.value, since) for m in found for kind, since in _due(m, today)]
    if due:
        columns = ["milestone_id", "kind", "since"]
        rows = [{**dict(zip(columns, task, strict=True)), "made_at": at} for task in due]
        new = insert(PlanTaskRow).values(rows)
        # What came about and was taken back wants staff again: the same task, not another.
        again = PlanTaskRow.ended_at.is_not(None)
        await tx.execute(new.on_conflict_do_update(index_elements=columns, set_={"ended_at": None}, where=again))
    over = update(PlanTaskRow).where(PlanTaskRow.ended_at.is_(None))
    if due:
        over = over.where(tuple_(PlanTaskRow.milestone_id, PlanTaskRow.kind, PlanTaskRow.since).not_in(due))
    await tx.execute(over.values(ended_at=at))


async def tasks(tx: AsyncSession) -> list[Task]:
    """What wants staff, the longest overdue first."""
    rows = (
        select(PlanTaskRow, StaffRow.called)
        .outerjoin(StaffRow, StaffRow.id == PlanTaskRow.acknowledged_by)
        .where(PlanTaskRow.ended_at.is_(None))
    )
    open_ = (await tx.execute(rows)).all()
    known = {m.id: m for m in await milestones(tx, MilestoneRow.id.in_([row.milestone_id for row, _ in open_]))}
    found = [
        Task(
            row.id,
            TaskKind(row.kind),
            row.since,
            known[row.milestone_id],
            row.made_at,
            called,
            row.acknowledged_at,
        )
        for row, called in open_
    ]
    return sorted(found, key=lambda task: (task.milestone.due, task.milestone.id, task.kind))


async def count_tasks(tx: AsyncSession) -> int:
    """How many nobody has said to see to."""
    rows = select(func.count()).select_from(PlanTaskRow)
    return await tx.scalar(rows.where(PlanTaskRow.ended_at.is_(None), PlanTaskRow.acknowledged_at.is_(None))) or 0


async def count_new(tx: AsyncSession, *, since: datetime | None) -> dict[TaskKind, int]:
    """How many of each came up since then, or ever, that nobody has said to see to."""
    rows = select(PlanTaskRow.kind, func.count()).where(
        PlanTaskRow.ended_at.is_(None), PlanTaskRow.acknowledged_at.is_(None)
    )
    if since is not None:
        rows = rows.where(PlanTaskRow.made_at > since)
    found = (await tx.execute(rows.group_by(PlanTaskRow.kind))).all()
    return {kind: sum(count for of, count in found if of == kind) for kind in TaskKind}


async def acknowledge(tx: AsyncSession, task: int, *, by: Staff, at: datetime) -> str:
    """Say that one sees to a task; who said so first stays. The milestone's name, `CODE/number`, for the record.

    Raises NoSuchMilestone when it is over.
    """
    mine = (
        update(PlanTaskRow)
        .where(PlanTaskRow.id == task, PlanTaskRow.ended_at.is_(None))
        .values(
            acknowledged_by=func.coalesce(PlanTaskRow.acknowledged_by, by.id),
            acknowledged_at=func.coalesce(PlanTaskRow.acknowledged_at, at),
        )
        .returning(PlanTaskRow.milestone_id)
    )
    found = await tx.scalar(mine)
    if found is None:
        raise NoSuchMilestone
    row = await tx.get_one(MilestoneRow, found)
    return f"{row.commitment}/{row.number}"


def _due(m: Milestone, today: date) -> Iterator[tuple[TaskKind, date]]:
    if not m.is_overdue(today):
        yield TaskKind.NEAR, m.due
        return
    heard = m.moved_on or m.due
    if max(heard, m.due) + timedelta(days=city().commitments.no_update_grace_days) < today:
        yield TaskKind.SILENT, heard
    elif heard <= m.due:
        yield TaskKind.OVERDUE, m.due
