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
from flows.commitments.values import Commitment, Milestone, Status, Update
from flows.errors import Conflict, Invalid, NotFound
from flows.store.tables.commitments import CommitmentRow, MilestoneRow, UpdateRow
from flows.topics import Source
from flows.wording import N_

UPDATES_SHOWN = 20
UPDATE_MOST_CHARS = 1_000


class NoSuchCommitment(NotFound):
    message = N_("There is no commitment {code}.")


class NoOpenMilestone(NotFound):
    message = N_("This milestone is not there, or is marked as done already.")


class UpdateMissing(Invalid):
    message = N_("Please write the update in both languages: each follower reads it in theirs.")


class UpdateTooLong(Invalid):
    message = N_("Please keep the update to {most} characters. This one has {length}.")


class WrittenBefore(Conflict):
    """The same words once more: a form sent twice must not reach every follower twice."""

    message = N_("There is an update with these words already: {ref}.")


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
        updates[row.commitment].append(_update(row))
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
    return [_update(row) for row in await tx.scalars(rows.limit(limit))]


async def waiting(tx: AsyncSession) -> list[Update]:
    """Updates written for a time that has not come, soonest first."""
    rows = select(UpdateRow).where(UpdateRow.published_at.is_(None)).order_by(UpdateRow.publish_at)
    return [_update(row) for row in await tx.scalars(rows)]


async def due_updates(tx: AsyncSession, *, at: datetime) -> list[int]:
    """Ids of the updates whose time has come and that are not yet public."""
    due = select(UpdateRow.id).where(UpdateRow.published_at.is_(None), UpdateRow.publish_at <= at)
    return list(await tx.scalars(due.order_by(UpdateRow.publish_at, UpdateRow.id)))


async def write_update(tx: AsyncSession, code: str, words: Both, *, publish_at: datetime, at: datetime) -> Update:
    """Write a progress update for later.

    Raises NoSuchCommitment, UpdateMissing, UpdateTooLong, WrittenBefore.
    """
    for words_of_one in (words.ko, words.en):
        check_update(words_of_one)
    counted = (
        update(CommitmentRow)
        .where(CommitmentRow.code == code)
        .values(updates_count=CommitmentRow.updates_count + 1)
        .returning(CommitmentRow.updates_count)
    )
    number = await tx.scalar(counted)
    if number is None:
        raise NoSuchCommitment(code=code)
    # After counting, which locks the commitment's row: the twin of a double click has committed by then.
    same = select(UpdateRow).where(UpdateRow.commitment == code, UpdateRow.ko == words.ko, UpdateRow.en == words.en)
    if twin := await tx.scalar(same):
        raise WrittenBefore(ref=_update(twin).ref)
    row = UpdateRow(
        commitment=code,
        number=number,
        ko=words.ko,
        en=words.en,
        publish_at=publish_at,
        published_at=None,
        written_at=at,
    )
    tx.add(row)
    await tx.flush()
    return _update(row)


def check_update(text: str) -> None:
    """Whether this can be the text of an update in one language. Raises UpdateMissing, UpdateTooLong."""
    if not text.strip():
        raise UpdateMissing
    if len(text) > UPDATE_MOST_CHARS:
        raise UpdateTooLong(most=UPDATE_MOST_CHARS, length=len(text))


async def mark_published(tx: AsyncSession, update_id: int, *, at: datetime) -> Update | None:
    """Make an update public; None when it already is, so that doing it twice tells nobody twice."""
    moved = (
        update(UpdateRow)
        .where(UpdateRow.id == update_id, UpdateRow.published_at.is_(None))
        .values(published_at=at)
        .returning(UpdateRow)
    )
    row = await tx.scalar(moved)
    return _update(row) if row else None


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


def _update(row: UpdateRow) -> Update:
    return Update(row.id, row.commitment, row.number, Both(ko=row.ko, en=row.en), row.publish_at, row.published_at)


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
