"""The plans as they stand in the database at this moment."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both
from flows.commitments.documents import PlanDocument
from flows.commitments.values import (
    Commitment,
    Evidence,
    EvidenceKind,
    Level,
    Milestone,
    MilestoneState,
    OgpLevel,
    OgpValue,
    Plan,
    Status,
    Titles,
    Update,
    UpdateState,
    Versions,
)
from flows.errors import NotFound
from flows.store.tables.accounts import StaffRow
from flows.store.tables.commitments import CommitmentRow, EvidenceRow, MilestoneRow, PlanRow, UpdateRow
from flows.topics import Source
from flows.wording import N_

UPDATES_SHOWN = 20
OPEN = MilestoneRow.state.not_in([MilestoneState.COMPLETE, MilestoneState.CANCELLED])


class NoSuchCommitment(NotFound):
    message = N_("There is no commitment {code}.")


class NoSuchPlan(NotFound):
    message = N_("There is no action plan {code}.")


class NoSuchMilestone(NotFound):
    message = N_("This milestone is not here any more.")


async def plans(tx: AsyncSession) -> list[Plan]:
    """All plans that have commitments; the one that ends last comes first, so the archive follows."""
    rows = await tx.scalars(select(PlanRow).where(PlanRow.code.in_(select(CommitmentRow.plan))))
    return sorted((_plan(row) for row in rows), key=lambda plan: (plan.last_day, plan.code), reverse=True)


async def plan(tx: AsyncSession, code: str) -> Plan:
    """Raises NoSuchPlan."""
    row = await tx.get(PlanRow, code)
    if row is None:
        raise NoSuchPlan(code=code)
    return _plan(row)


async def plan_of(tx: AsyncSession, code: str) -> Plan:
    """The plan to which the commitment `code` belongs. Raises NoSuchCommitment."""
    row = await tx.scalar(select(PlanRow).join(CommitmentRow).where(CommitmentRow.code == code))
    if row is None:
        raise NoSuchCommitment(code=code)
    return _plan(row)


async def names(tx: AsyncSession) -> dict[str, Both]:
    """What each commitment is called in short, by its code, plan by plan: all that a button or a label needs."""
    rows = select(CommitmentRow.code, CommitmentRow.plan, CommitmentRow.content["short"])
    found = (await tx.execute(rows.order_by(CommitmentRow.position))).all()
    order = {plan.code: place for place, plan in enumerate(await plans(tx))}
    return {code: Both(**short) for code, plan, short in sorted(found, key=lambda row: order[row[1]])}


async def titles_of(tx: AsyncSession, updates: Versions) -> Titles:
    """What the commitments are called, and the milestones that these updates are about."""
    rows = select(MilestoneRow.id, MilestoneRow.title_ko, MilestoneRow.title_en)
    found = (await tx.execute(rows.where(MilestoneRow.id.in_(updates.milestones)))).all() if updates.milestones else ()
    return Titles(await names(tx), {id_: Both(ko=ko, en=en) for id_, ko, en in found})


async def all_of(tx: AsyncSession, codes: Sequence[str] = ()) -> list[Commitment]:
    """The commitments, plan by plan and in each plan's order, with milestones and published updates.

    `codes` leaves out the others. Who needs no more than what they are called takes `names`.
    """
    rows = select(CommitmentRow)
    if codes:
        rows = rows.where(CommitmentRow.code.in_(codes))
    found = {row.code: row for row in await tx.scalars(rows.order_by(CommitmentRow.position))}
    updates: dict[str, list[Update]] = defaultdict(list)
    for row in await tx.scalars(published().where(UpdateRow.commitment.in_(found))):
        updates[row.commitment].append(update_of(row))
    return await _commitments(tx, list(found.values()), updates)


async def get(tx: AsyncSession, code: str) -> Commitment:
    """One commitment. Raises NoSuchCommitment."""
    found = await all_of(tx, [code])
    if not found:
        raise NoSuchCommitment(code=code)
    return found[0]


async def document_of(tx: AsyncSession, code: str) -> PlanDocument | None:
    """A plan as a document; None when there is none."""
    row = await tx.get(PlanRow, code, populate_existing=True)
    if row is None:
        return None
    rows = select(CommitmentRow).where(CommitmentRow.plan == code).order_by(CommitmentRow.position)
    found = list(await tx.scalars(rows.execution_options(populate_existing=True)))
    return PlanDocument.of(_plan(row), await _commitments(tx, found, {})) if found else None


async def upcoming(tx: AsyncSession, *, limit: int = 10) -> list[Milestone]:
    """Milestones that are neither complete nor cancelled, the most urgent first; overdue ones lead."""
    return await milestones(tx, OPEN, limit=limit)


async def milestone(tx: AsyncSession, code: str, number: int) -> Milestone:
    """Raises NoSuchMilestone."""
    for found in await milestones(tx, MilestoneRow.commitment == code, MilestoneRow.number == number):
        return found
    raise NoSuchMilestone


async def milestones(tx: AsyncSession, *wanted: ColumnElement[bool], limit: int | None = None) -> list[Milestone]:
    """With their evidence, by due date."""
    rows = select(MilestoneRow).where(*wanted).order_by(MilestoneRow.due, MilestoneRow.number, MilestoneRow.commitment)
    found = list(await tx.scalars(rows.limit(limit).execution_options(populate_existing=True)))
    shown = (
        select(EvidenceRow, StaffRow.called)
        .outerjoin(StaffRow, StaffRow.id == EvidenceRow.staff_id)
        .where(EvidenceRow.milestone_id.in_([row.id for row in found]))
        .order_by(EvidenceRow.dated, EvidenceRow.id)
    )
    evidence: dict[int, list[Evidence]] = defaultdict(list)
    for one, called in await tx.execute(shown):
        evidence[one.milestone_id].append(_evidence(one, called))
    return [_milestone(row, evidence[row.id]) for row in found]


async def latest(tx: AsyncSession, *, before: int | None = None, limit: int = UPDATES_SHOWN) -> list[Update]:
    """Published updates, newest first; `before` is the id to go on from."""
    rows = published()
    if before is not None:
        rows = rows.where(UpdateRow.id < before)
    return [update_of(row) for row in await tx.scalars(rows.limit(limit))]


def published() -> Select[UpdateRow]:
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


async def _commitments(
    tx: AsyncSession, rows: list[CommitmentRow], updates: dict[str, list[Update]]
) -> list[Commitment]:
    by_code: dict[str, list[Milestone]] = defaultdict(list)
    for found in await milestones(tx, MilestoneRow.commitment.in_([row.code for row in rows])):
        by_code[found.commitment].append(found)
    known = {plan.code: plan for plan in await plans(tx)}
    made = [_commitment(row, known[row.plan], by_code[row.code], updates.get(row.code, [])) for row in rows]
    order = list(known)
    return sorted(made, key=lambda c: order.index(c.plan.code))


def _plan(row: PlanRow) -> Plan:
    content: dict[str, Any] = row.content
    return Plan(
        code=row.code,
        title=Both(**content["title"]),
        title_ko_official=content["title_ko_official"],
        start=content["period"]["start"],
        end=content["period"]["end"],
        city=Both(**content["city"]),
        sources=_sources(content),
    )


def _milestone(row: MilestoneRow, evidence: list[Evidence]) -> Milestone:
    title = Both(ko=row.title_ko, en=row.title_en)
    state = MilestoneState(row.state)
    return Milestone(row.id, row.commitment, row.number, title, row.due, state, row.done, tuple(evidence))


def _evidence(row: EvidenceRow, called: str | None) -> Evidence:
    return Evidence(
        id=row.id,
        kind=EvidenceKind(row.kind),
        title=Both(ko=row.title_ko, en=row.title_en),
        dated=row.dated,
        entered_at=row.entered_at,
        entered_by=called,
        url=row.url,
        value=row.value,
        unit=Both(ko=row.unit_ko, en=row.unit_en) if row.unit_ko and row.unit_en else None,
        file=row.media_type,
    )


def _sources(content: dict[str, Any]) -> tuple[Source, ...]:
    return tuple(Source(**source) for source in content["sources"])


def _commitment(row: CommitmentRow, plan: Plan, milestones: list[Milestone], updates: list[Update]) -> Commitment:
    content: dict[str, Any] = row.content
    return Commitment(
        code=row.code,
        plan=plan,
        title=Both(**content["title"]),
        title_ko_official=content["title_ko_official"],
        short=Both(**content["short"]),
        summary=Both(**content["summary"]),
        start=content["period"]["start"],
        end=content["period"]["end"],
        lead=Both(**content["lead"]),
        partners=tuple(Both(**partner) for partner in content["partners"]),
        values=tuple(OgpValue(value) for value in content["values"]),
        sources=_sources(content),
        status=Status(row.status),
        status_as_of=row.status_as_of,
        level=Level(OgpLevel(row.level["level"]), Source(**row.level["source"])) if row.level else None,
        milestones=tuple(milestones),
        updates=tuple(updates),
    )
