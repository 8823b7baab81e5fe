"""What staff do to a milestone (이행 과제): enter it, change it, say how far it is, show evidence."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts import Staff
from flows.city import Both, day
from flows.commitments.changing import Means, recorded
from flows.commitments.documents import PlannedEvidence, PlannedMilestone
from flows.commitments.reading import NoSuchMilestone, milestone, milestones, plan_of
from flows.commitments.rules import check_day, check_evidence, check_once, check_title, reached_on
from flows.commitments.values import Milestone, MilestoneState
from flows.errors import Conflict
from flows.store.files import NoSuchFile
from flows.store.tables.commitments import CommitmentRow, EvidenceRow, MilestoneRow
from flows.wording import N_


class NoSuchEvidence(Conflict):
    message = N_("This evidence is gone already.")


async def add_milestone(
    tx: AsyncSession, code: str, title: Both, due: date, *, by: Staff | None, at: datetime
) -> Milestone:
    """Enter a milestone that the city has set.

    Raises NoSuchCommitment, TitleMissing, TitleTooLong, BadDay, MilestoneThere.
    """
    _check(title, due)
    async with _changed(tx, code, by=by, at=at):
        number = await tx.scalar(
            update(CommitmentRow)
            .where(CommitmentRow.code == code)
            .values(milestones_count=CommitmentRow.milestones_count + 1)
            .returning(CommitmentRow.milestones_count)
        )
        # After counting, which locks the commitment's row: the twin of a double click has committed by then.
        check_once(title, due, [(m.title, m.due) for m in await milestones(tx, MilestoneRow.commitment == code)])
        row = MilestoneRow(
            commitment=code,
            number=number,
            title_ko=title.ko,
            title_en=title.en,
            due=due,
            state=MilestoneState.NOT_STARTED,
            done=None,
        )
        tx.add(row)
    return await milestone(tx, code, row.number)


async def change_milestone(
    tx: AsyncSession, code: str, number: int, title: Both, due: date, *, by: Staff | None, at: datetime
) -> None:
    """Raises NoSuchMilestone, TitleMissing, TitleTooLong, BadDay, MilestoneThere."""
    _check(title, due)
    async with _changed(tx, code, by=by, at=at):
        everything = await milestones(tx, MilestoneRow.commitment == code)
        check_once(title, due, [(m.title, m.due) for m in everything if m.number != number])
        await _set(tx, code, number, title_ko=title.ko, title_en=title.en, due=due)


async def move_milestone(
    tx: AsyncSession,
    code: str,
    number: int,
    state: MilestoneState,
    *,
    done: date | None = None,
    by: Staff | None,
    at: datetime,
) -> None:
    """Say how far a milestone is. `done`: the day on which it was reached, or that of its newest evidence.

    Raises NoSuchMilestone, NoEvidence, NotYet, FresherThanEvidence, NotReached.
    """
    async with _changed(tx, code, by=by, at=at):
        m = await milestone(tx, code, number)
        shown = tuple(PlannedEvidence.of(e) for e in m.evidence)
        before = PlannedMilestone(title=m.title, due=m.due, state=m.state, done=m.done, evidence=shown)
        wanted = before.model_copy(update={"state": state, "done": done})
        await _set(tx, code, number, state=state, done=reached_on(wanted, before, day(at)))


async def add_evidence(
    tx: AsyncSession,
    code: str,
    number: int,
    e: PlannedEvidence,
    *,
    key: str | None = None,
    media_type: str | None = None,
    by: Staff | None,
    at: datetime,
) -> None:
    """Show evidence; the same once more changes nothing. `key` and `media_type` are those of a file that is kept.

    Raises NoSuchMilestone, BadDay, NotYet, WhatItShows.
    """
    check_evidence(e, day(at), has_file=key is not None)
    async with _changed(tx, code, by=by, at=at):
        m = await milestone(tx, code, number)
        if key is None and e in [PlannedEvidence.of(there) for there in m.evidence]:
            return
        tx.add(evidence_row(m.id, e, key=key, media_type=media_type, by=by, at=at))


async def remove_evidence(
    tx: AsyncSession, code: str, number: int, evidence: int, *, by: Staff | None, at: datetime
) -> str | None:
    """Take evidence away, such as what was entered in error; the history keeps it. The key of a file to delete.

    Raises NoSuchMilestone, NoSuchEvidence; NoEvidence, FresherThanEvidence when what is left does not bear the state.
    """
    async with _changed(tx, code, by=by, at=at):
        m = await milestone(tx, code, number)
        row = await tx.get(EvidenceRow, evidence)
        if row is None or row.milestone_id != m.id:
            raise NoSuchEvidence
        await tx.delete(row)
        left = tuple(PlannedEvidence.of(e) for e in m.evidence if e.id != evidence)
        reached_on(PlannedMilestone(title=m.title, due=m.due, state=m.state, done=m.done, evidence=left), None, day(at))
    return row.key


def evidence_row(
    milestone_id: int,
    e: PlannedEvidence,
    *,
    key: str | None = None,
    media_type: str | None = None,
    by: Staff | None,
    at: datetime,
) -> EvidenceRow:
    return EvidenceRow(
        milestone_id=milestone_id,
        kind=e.kind,
        title_ko=e.title.ko,
        title_en=e.title.en,
        dated=e.date,
        url=e.url,
        value=e.value,
        unit_ko=e.unit and e.unit.ko,
        unit_en=e.unit and e.unit.en,
        key=key,
        media_type=media_type,
        staff_id=by and by.id,
        entered_at=at,
    )


async def evidence_file(tx: AsyncSession, evidence: int) -> tuple[str, str]:
    """Key and media type of a file that is evidence. Raises NoSuchFile."""
    row = await tx.get(EvidenceRow, evidence)
    if row is None or row.key is None or row.media_type is None:
        raise NoSuchFile
    return row.key, row.media_type


async def evidence_keys(tx: AsyncSession, keys: list[str]) -> set[str]:
    """Which of these keys in the store of files are evidence."""
    found = await tx.scalars(select(EvidenceRow.key).where(EvidenceRow.key.in_(keys)))
    return {key for key in found if key}


def _check(title: Both, due: date) -> None:
    check_title(title.ko)
    check_title(title.en)
    check_day(due)


@asynccontextmanager
async def _changed(tx: AsyncSession, code: str, *, by: Staff | None, at: datetime) -> AsyncIterator[None]:
    plan = await plan_of(tx, code)
    async with recorded(tx, plan.code, by=by, means=Means.CONSOLE if by else Means.COMMAND, at=at):
        yield


async def _set(tx: AsyncSession, code: str, number: int, **values: object) -> None:
    this = MilestoneRow.commitment == code, MilestoneRow.number == number
    if await tx.scalar(update(MilestoneRow).where(*this).values(**values).returning(MilestoneRow.id)) is None:
        raise NoSuchMilestone
