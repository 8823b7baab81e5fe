"""Reading and writing the plan's rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both
from flows.commitments.plan import Planned
from flows.commitments.values import Commitment, Milestone, Status, Update, UpdateState
from flows.errors import NotFound
from flows.store.tables.commitments import CommitmentRow, MilestoneRow, UpdateRow
from flows.topics import Source
from flows.wording import N_

UPDATES_SHOWN = 20


class NoSuchCommitment(NotFound):
    message = N_("There is no commitment {code}.")


class NoOpenMilestone(NotFound):
    message = N_("This milestone is not there, or is marked as done already.")


async def load_plan(tx: AsyncSession, plan: Iterable[Planned]) -> None:
    """Bring the plan's content into the rows. What staff said of a commitment's status stays."""
    for position, planned in enumerate(plan):
        content = planned.model_dump(mode="json", exclude={"code", "status", "status_as_of"})
        new = insert(CommitmentRow).values(
            code=planned.code,
            position=position,
            content=content,
            status=planned.status,
            status_as_of=planned.status_as_of,
            updates_count=0,
        )
        await tx.execute(
            new.on_conflict_do_update(index_elements=["code"], set_={"position": position, "content": content})
        )


async def all_of(tx: AsyncSession, codes: Sequence[str] = ()) -> list[Commitment]:
    """The commitments in the plan's order, with milestones and published updates; `codes` leaves out the others."""
    wanted = select(CommitmentRow).order_by(CommitmentRow.position)
    rows = list(await tx.scalars(wanted.where(CommitmentRow.code.in_(codes)) if codes else wanted))
    milestones: dict[str, list[Milestone]] = defaultdict(list)
    for milestone in await tx.scalars(select(MilestoneRow).order_by(MilestoneRow.due, MilestoneRow.id)):
        milestones[milestone.commitment].append(_milestone(milestone))
    updates: dict[str, list[Update]] = defaultdict(list)
    for row in await tx.scalars(_published()):
        updates[row.commitment].append(update_of(row))
    return [_commitment(row, milestones[row.code], updates[row.code]) for row in rows]


async def get(tx: AsyncSession, code: str) -> Commitment:
    """One commitment. Raises NoSuchCommitment."""
    found = await all_of(tx, [code])
    if not found:
        raise NoSuchCommitment(code=code)
    return found[0]


async def upcoming(tx: AsyncSession, *, limit: int = 10) -> list[Milestone]:
    """Milestones that are not done, the most urgent first; overdue ones lead."""
    rows = select(MilestoneRow).where(MilestoneRow.done.is_(None)).order_by(MilestoneRow.due, MilestoneRow.id)
    return [_milestone(row) for row in await tx.scalars(rows.limit(limit))]


async def latest(tx: AsyncSession, *, before: int | None = None, limit: int = UPDATES_SHOWN) -> list[Update]:
    """Published updates, newest first; `before` is the id to go on from."""
    rows = _published()
    if before is not None:
        rows = rows.where(UpdateRow.id < before)
    return [update_of(row) for row in await tx.scalars(rows.limit(limit))]


async def updates_between(tx: AsyncSession, after: datetime, until: datetime) -> list[Update]:
    """What was published after `after` and not after `until`, oldest first."""
    rows = select(UpdateRow).where(UpdateRow.published_at > after, UpdateRow.published_at <= until)
    return [update_of(row) for row in await tx.scalars(rows.order_by(UpdateRow.published_at, UpdateRow.id))]


async def add_milestone(tx: AsyncSession, code: str, title: Both, due: date) -> Milestone:
    """Enter a milestone that the city has set. Raises NoSuchCommitment."""
    await get(tx, code)
    row = MilestoneRow(commitment=code, title_ko=title.ko, title_en=title.en, due=due, done=None)
    tx.add(row)
    await tx.flush()
    return _milestone(row)


async def finish_milestone(tx: AsyncSession, milestone_id: int, done: date) -> None:
    """Say when a milestone was reached. Raises NoOpenMilestone, also when somebody else has said so first."""
    unfinished = update(MilestoneRow).where(MilestoneRow.id == milestone_id, MilestoneRow.done.is_(None))
    if await tx.scalar(unfinished.values(done=done).returning(MilestoneRow.id)) is None:
        raise NoOpenMilestone


async def set_status(tx: AsyncSession, code: str, status: Status, *, as_of: date) -> None:
    """Say how far a commitment is. Raises NoSuchCommitment."""
    moved = (
        update(CommitmentRow)
        .where(CommitmentRow.code == code)
        .values(status=status, status_as_of=as_of.isoformat())
        .returning(CommitmentRow.code)
    )
    if await tx.scalar(moved) is None:
        raise NoSuchCommitment(code=code)


def _published() -> Select[UpdateRow]:
    return select(UpdateRow).where(UpdateRow.published_at.is_not(None)).order_by(UpdateRow.id.desc())


def update_of(row: UpdateRow) -> Update:
    return Update(
        id=row.id,
        commitment=row.commitment,
        number=row.number,
        text=Both(ko=row.ko, en=row.en),
        publish_at=row.publish_at,
        published_at=row.published_at,
        state=UpdateState(row.state),
        milestone=row.milestone_id,
        evidence=row.evidence,
        expires_at=row.expires_at,
        corrects=row.corrects,
        corrected_by=row.corrected_by,
        version=row.version,
    )


def _milestone(row: MilestoneRow) -> Milestone:
    return Milestone(row.id, row.commitment, Both(ko=row.title_ko, en=row.title_en), row.due, row.done)


def _commitment(row: CommitmentRow, milestones: list[Milestone], updates: list[Update]) -> Commitment:
    content: dict[str, Any] = row.content
    return Commitment(
        code=row.code,
        title=Both(**content["title"]),
        title_ko_official=content["title_ko_official"],
        short=Both(**content["short"]),
        summary=Both(**content["summary"]),
        start=content["period"]["start"],
        end=content["period"]["end"],
        lead=Both(**content["lead"]),
        partners=tuple(Both(**partner) for partner in content["partners"]),
        sources=tuple(Source(**source) for source in content["sources"]),
        status=Status(row.status),
        status_as_of=row.status_as_of,
        milestones=tuple(milestones),
        updates=tuple(updates),
    )
