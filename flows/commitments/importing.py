"""Bringing a document into the rows: checked whole, compared field by field, then written, or nothing of it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts import Staff
from flows.city import day
from flows.commitments.changing import Difference, Means, differences, recorded, seal
from flows.commitments.documents import PlanDocument, Planned, PlannedEvidence, PlannedMilestone
from flows.commitments.faults import BadDocument, Fault, Path, Where, by_path
from flows.commitments.milestones import evidence_row
from flows.commitments.reading import NoSuchPlan, document_of, milestones
from flows.commitments.rules import (
    NotYet,
    check_day,
    check_evidence,
    check_once,
    check_title,
    reached_on,
)
from flows.commitments.values import EvidenceKind, last_day
from flows.errors import Conflict, Invalid
from flows.store.tables.commitments import CommitmentRow, EvidenceRow, MilestoneRow, PlanRow
from flows.topics import first_day
from flows.wording import N_

NOT_CONTENT = {"code", "status", "status_as_of", "level", "milestones"}  # columns and rows of their own


class Twice(Invalid):
    message = N_("This stands there twice: {what}.")


class OtherPlan(Invalid):
    message = N_("The commitment {code} belongs to another plan: {plan}.")


class Missing(Invalid):
    message = N_("The commitment {code} is missing. What was promised is not taken out of a plan.")


class OutOfOrder(Invalid):
    message = N_("The end of a period cannot lie before its begin.")


class NoSuchEvidenceFile(Invalid):
    message = N_("There is no such file here. Files are attached in the console.")


class FileLost(Invalid):
    message = N_("The file “{title}” is missing among the evidence. A file is taken away in the console.")


class PlanMoved(Conflict):
    message = N_("The plan was changed since you looked at this. Please look at the changes again.")


async def export_plan(tx: AsyncSession, code: str) -> PlanDocument:
    """A whole plan as it stands. Raises NoSuchPlan."""
    found = await document_of(tx, code)
    if found is None:
        raise NoSuchPlan(code=code)
    return found


async def compare(
    tx: AsyncSession, document: PlanDocument, *, where: Where = by_path, at: datetime
) -> list[Difference]:
    """What an import of `document` would change; nothing is written. `where`: how its places are called.

    Raises BadDocument.
    """
    before = await document_of(tx, document.code)
    return differences(before, await _completed(tx, document, before, where, today=day(at)))


async def import_plan(
    tx: AsyncSession,
    document: PlanDocument,
    *,
    by: Staff | None,
    means: Means,
    at: datetime,
    where: Where = by_path,
    seen: str | None = None,
) -> list[Difference]:
    """Make the plan what `document` says, and say what changed by it.

    `seen`: the seal of the changes that the caller was shown. Raises BadDocument, and PlanMoved when they are others by
    now.
    """
    await _hold(tx, document)
    async with recorded(tx, document.code, by=by, means=means, at=at) as before:
        is_content = means is Means.CONTENT
        whole = await _completed(tx, document, before, where, today=day(at), is_content=is_content)
        found = differences(before, whole)
        if seen is not None and seen != seal(found):
            raise PlanMoved
        if found:
            await _write(tx, whole, by=by, at=at)
    return found


async def load_plans(tx: AsyncSession, plans: Sequence[PlanDocument], *, at: datetime) -> None:
    """Bring the city's content into the rows: each file when it is new or has changed since it was last loaded.

    What staff said of a commitment's status or level stays, and milestones of which the file has none.
    """
    for plan in plans:
        await _hold(tx, plan)
        loaded = await tx.scalar(select(PlanRow.loaded).where(PlanRow.code == plan.code))
        if loaded == plan.digest:
            continue
        # Commitments that came before there were plans, or were moved from one file to another, come along.
        codes = [c.code for c in plan.commitments]
        await tx.execute(update(CommitmentRow).where(CommitmentRow.code.in_(codes)).values(plan=plan.code))
        before = await document_of(tx, plan.code)
        there = {c.code: c for c in before.commitments} if before else {}
        kept = [_as_staff_said(c, there.pop(c.code, None)) for c in plan.commitments]
        whole = plan.model_copy(update={"commitments": (*kept, *there.values())})
        await import_plan(tx, whole, by=None, means=Means.CONTENT, at=at)
        await tx.execute(update(PlanRow).where(PlanRow.code == plan.code).values(loaded=plan.digest))


def _as_staff_said(c: Planned, was: Planned | None) -> Planned:
    said = {"status": was.status, "status_as_of": was.status_as_of, "level": was.level} if was else {}
    return c.model_copy(update=said)


async def _hold(tx: AsyncSession, document: PlanDocument) -> None:
    """Have the plan's row, and nobody else at it: a second import compares with what the first has written."""
    new = insert(PlanRow).values(code=document.code, content=_plan_content(document))
    await tx.execute(new.on_conflict_do_update(index_elements=["code"], set_={"code": PlanRow.code}))


async def _completed(
    tx: AsyncSession,
    document: PlanDocument,
    before: PlanDocument | None,
    where: Where,
    *,
    today: date,
    is_content: bool = False,
) -> PlanDocument:
    """The document as it would be written: with numbers and days reached. Raises BadDocument.

    `is_content`: it came with the service, whose dates were looked at when it was written.
    """
    rows = select(CommitmentRow.code, CommitmentRow.plan, CommitmentRow.milestones_count)
    there = {code: (plan, count) for code, plan, count in await tx.execute(rows)}
    was = {c.code: c for c in before.commitments} if before else {}
    codes = [c.code for c in document.commitments]
    faults = [
        *_order(("period",), document),
        *(Fault(("commitments",), Missing(code=code)) for code in was if code not in codes),
    ]
    made = []
    for place, c in enumerate(document.commitments):
        path: Path = ("commitments", place)
        faults += _order((*path, "period"), c)
        said = was[c.code].status_as_of if c.code in was else None
        if not is_content and c.status_as_of != said and first_day(c.status_as_of) > today:
            faults.append(Fault((*path, "status_as_of"), NotYet()))
        if codes.index(c.code) < place:
            faults.append(Fault((*path, "code"), Twice(what=c.code)))
        plan, count = there.get(c.code, (document.code, 0))
        if plan != document.code:
            faults.append(Fault((*path, "code"), OtherPlan(code=c.code, plan=plan)))
        whole, bad = _with_milestones(c, was.get(c.code), count, (*path, "milestones"), today)
        made.append(whole)
        faults += bad
    if faults:
        raise BadDocument(faults, where)
    return document.model_copy(update={"commitments": tuple(made)})


def _order(path: Path, it: PlanDocument | Planned) -> list[Fault]:
    fits = first_day(it.period.start) <= last_day(it.period.end)
    return [] if fits else [Fault((*path, "end"), OutOfOrder())]


def _with_milestones(
    c: Planned, was: Planned | None, count: int, path: Path, today: date
) -> tuple[Planned, list[Fault]]:
    known = {m.number: m for m in (was.milestones if was else None) or ()}
    if c.milestones is None:
        return c.model_copy(update={"milestones": tuple(known.values())}), []
    faults: list[Fault] = []
    made: list[PlannedMilestone] = []
    following = max([count, *(m.number or 0 for m in c.milestones)])
    for place, m in enumerate(c.milestones):
        here = (*path, place)
        before = known.get(m.number)
        number = m.number
        if number is None:
            following += 1
            number = following
        elif number in [other.number for other in made]:
            faults.append(Fault((*here, "number"), Twice(what=str(number))))
        files = {e.file for e in before.evidence if e.file} if before else set()
        faults += _faults_of(m, files, made, here, today)
        reached = m.done
        try:
            reached = reached_on(m, before, today)
        except Invalid as bad:
            faults.append(Fault((*here, "done" if m.done else "state"), bad))
        made.append(m.model_copy(update={"number": number, "done": reached}))
    kept = {e.file for m in made for e in m.evidence}
    lost = [e for m in known.values() for e in m.evidence if e.file and e.file not in kept]
    faults += [Fault(path, FileLost(title=f"{e.title.ko} / {e.title.en}")) for e in lost]
    return c.model_copy(update={"milestones": tuple(made)}), faults


def _faults_of(
    m: PlannedMilestone, files: set[int], before: Sequence[PlannedMilestone], path: Path, today: date
) -> Iterator[Fault]:
    checks: tuple[tuple[Path, Callable[[], None]], ...] = (
        (("title", "ko"), lambda: check_title(m.title.ko)),
        (("title", "en"), lambda: check_title(m.title.en)),
        (("due",), lambda: check_day(m.due)),
        (("title",), lambda: check_once(m.title, m.due, [(other.title, other.due) for other in before])),
    )
    for field, check in checks:
        try:
            check()
        except (Invalid, Conflict) as bad:
            yield Fault((*path, *field), bad)
    for place, e in enumerate(m.evidence):
        here = (*path, "evidence", place)
        try:
            check_evidence(e, today)
        except Invalid as bad:
            yield Fault((*here, "date" if e.date > today else "kind"), bad)
        if e in m.evidence[:place]:
            yield Fault(here, Twice(what=f"{e.title.ko} / {e.title.en}"))
        if e.kind is EvidenceKind.FILE and e.file not in files:
            yield Fault((*here, "file"), NoSuchEvidenceFile())


async def _write(tx: AsyncSession, document: PlanDocument, *, by: Staff | None, at: datetime) -> None:
    this = update(PlanRow).where(PlanRow.code == document.code)
    await tx.execute(this.values(content=_plan_content(document)))
    for position, c in enumerate(document.commitments):
        count = max((m.number or 0 for m in c.milestones or ()), default=0)
        values: dict[str, Any] = {  # columns of CommitmentRow, each of its own type
            "plan": document.code,
            "position": position,
            "content": c.model_dump(mode="json", exclude=NOT_CONTENT),
            "status": c.status,
            "status_as_of": c.status_as_of,
            "level": c.level.model_dump(mode="json") if c.level else None,
        }
        new = insert(CommitmentRow).values(code=c.code, updates_count=0, milestones_count=count, **values)
        counted = {"milestones_count": func.greatest(CommitmentRow.milestones_count, count)}
        await tx.execute(new.on_conflict_do_update(index_elements=["code"], set_=values | counted))
        await _write_milestones(tx, c, by=by, at=at)


async def _write_milestones(tx: AsyncSession, c: Planned, *, by: Staff | None, at: datetime) -> None:
    wanted = {m.number: m for m in c.milestones or ()}
    gone = delete(MilestoneRow).where(MilestoneRow.commitment == c.code, MilestoneRow.number.not_in(wanted))
    await tx.execute(gone)
    there = {m.number: m for m in await milestones(tx, MilestoneRow.commitment == c.code)}
    for number, m in wanted.items():
        values = {"title_ko": m.title.ko, "title_en": m.title.en, "due": m.due, "state": m.state, "done": m.done}
        new = insert(MilestoneRow).values(commitment=c.code, number=number, **values)
        upsert = new.on_conflict_do_update(index_elements=["commitment", "number"], set_=values)
        id_ = (await tx.execute(upsert.returning(MilestoneRow.id))).scalar_one()
        shown = {PlannedEvidence.of(e): e.id for e in (there[number].evidence if number in there else ())}
        dropped = [id_ for e, id_ in shown.items() if e not in m.evidence]
        await tx.execute(delete(EvidenceRow).where(EvidenceRow.id.in_(dropped)))
        tx.add_all(evidence_row(id_, e, by=by, at=at) for e in m.evidence if e not in shown)
    await tx.flush()


def _plan_content(document: PlanDocument) -> dict[str, Any]:
    return document.model_dump(mode="json", exclude={"code", "commitments"})
