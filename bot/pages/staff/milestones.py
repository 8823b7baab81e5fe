"""One milestone (이행 과제): how far it is, what shows it, its words and its date."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Query, Request, UploadFile
from fastapi.responses import Response

from bot.app import Damso
from bot.pages.lookup import read_id
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import EditorReading, EditorSending, Field, NoAct, Parts, console, router, see_other
from bot.pages.staff.plan_forms import EvidenceForm, MilestoneForm, evidence_form, milestone_form, read_day
from flows import accounts, commitments, suggesting
from flows.accounts import Session
from flows.city import day
from flows.commitments import TITLE_MOST_CHARS, Milestone, MilestoneState, Move, NoSuchMilestone
from flows.errors import Conflict, Invalid
from flows.messages import clean
from flows.suggesting import FILE_MOST_BYTES, FILE_MOST_MB
from flows.wording import N_, text

STATES = tuple(MilestoneState)
SAVED = {
    "changed": N_("The milestone is changed. What it was before stays in the history."),
    "moved": N_("Saved. Once it is complete, whoever wrote or supports a linked suggestion is told."),
    "shown": N_("The evidence is entered and public."),
    "removed": N_("The evidence is taken away. The history keeps that it was there."),
}


class StateMissing(Invalid):
    field = "state"
    message = N_("Please choose how far the milestone is.")


@dataclass(frozen=True, slots=True)
class OneMilestone:
    """The page of one milestone; `errors` are by field, `key` is that of the form that begins an update."""

    milestone: Milestone
    move: Move | None
    key: str
    title: str
    today: date
    states: tuple[MilestoneState, ...]
    title_most: int
    file_most_mb: int
    form: MilestoneForm
    evidence: EvidenceForm
    state: str
    done: str
    errors: dict[str, str] = field(default_factory=dict)
    conflict: str | None = None
    saved: str | None = None


@router.get("/commitments/{code}/milestones/{number}")
async def show_milestone(
    request: Request, code: str, number: str, session: EditorReading, saved: Annotated[str, Query()] = ""
) -> Response:
    return await _page(request, session, code, number, saved=saved)


@router.post("/commitments/{code}/milestones/{number}")
async def change_milestone(
    request: Request,
    code: str,
    number: str,
    *,
    session: EditorSending,
    damso: Parts,
    form: Annotated[MilestoneForm, Depends(milestone_form)],
    act: Field = "",
    state: Field = "",
    done: Field = "",
    evidence: Field = "",
) -> Response:
    """What is done says `act`: `words`, `state` or `remove`."""
    try:
        match act:
            case "words":
                if errors := form.errors(lang_of(request)):
                    return await _page(request, session, code, number, form=form, errors=errors)
                saved = await _reword(damso, session, code, number, form)
            case "state":
                saved = await _move(damso, session, code, number, state=state, done=done)
            case "remove":
                saved = await _remove(damso, session, code, number, evidence)
            case _:
                raise NoAct
    except NoAct:
        raise
    except Invalid as refused:
        errors = {refused.field or "state": refused.said(lang_of(request))}
        return await _page(request, session, code, number, state=state, done=done, errors=errors)
    except Conflict as refused:
        return await _page(request, session, code, number, form=form if act == "words" else None, conflict=refused)
    return see_other(f"/staff/commitments/{clean(code)}/milestones/{number}?saved={saved}")


@router.post("/evidence")
async def add_evidence(
    request: Request,
    *,
    session: EditorSending,
    damso: Parts,
    form: Annotated[EvidenceForm, Depends(evidence_form)],
    code: Field = "",
    number: Field = "",
    file: UploadFile | None = None,
) -> Response:
    """Enter what shows how far a milestone is. At an address of its own, since it takes a file."""
    by, now = session.staff, damso.now()
    data = await file.read(FILE_MOST_BYTES + 1) if file is not None and file.filename else b""
    try:
        shown = form.read(bool(data))
        commitments.check_evidence(shown, day(now), has_file=bool(data))
        attached = await suggesting.Intake(damso.db, damso.files).take(f"staff {by.id}", data, at=now) if data else None
        kept = {"key": attached.key, "media_type": attached.media_type} if attached else {}
        async with damso.db.transaction() as tx:
            m = await _of(damso, code, number)
            await commitments.add_evidence(tx, m.commitment, m.number, shown, **kept, by=by, at=now)
            after = {"kind": shown.kind, "date": shown.date.isoformat()}
            await accounts.audit(tx, by, "milestone.evidence", f"{m.commitment}/{m.number}", after=after, at=now)
    except Invalid as refused:
        errors = {"evidence": refused.said(lang_of(request))}
        return await _page(request, session, code, number, evidence=form, errors=errors)
    return see_other(f"/staff/commitments/{m.commitment}/milestones/{m.number}?saved=shown")


@router.get("/evidence")
async def back_to_plans(session: EditorReading) -> Response:
    """Where the language switch on refused evidence leads."""
    return see_other("/staff/commitments")


async def _reword(damso: Damso, session: Session, code: str, number: str, form: MilestoneForm) -> str:
    m, due, by, now = await _of(damso, code, number), read_day(form.due), session.staff, damso.now()
    async with damso.db.transaction() as tx:
        await commitments.change_milestone(tx, m.commitment, m.number, form.title, due, by=by, at=now)
        before, after = {"due": m.due.isoformat()}, {"due": due.isoformat()}
        await accounts.audit(
            tx, by, "milestone.changed", f"{m.commitment}/{m.number}", before=before, after=after, at=now
        )
    return "changed"


async def _move(damso: Damso, session: Session, code: str, number: str, *, state: str, done: str) -> str:
    if state not in set(MilestoneState):
        raise StateMissing
    m, by, now = await _of(damso, code, number), session.staff, damso.now()
    on = read_day(done.strip()) if done.strip() and state == MilestoneState.COMPLETE else None
    async with damso.db.transaction() as tx:
        to = MilestoneState(state)
        await commitments.move_milestone(tx, m.commitment, m.number, to, done=on, by=by, at=now)
        before, after = {"state": m.state}, {"state": state}
        await accounts.audit(
            tx, by, f"milestone.{state}", f"{m.commitment}/{m.number}", before=before, after=after, at=now
        )
    return "moved"


async def _remove(damso: Damso, session: Session, code: str, number: str, evidence: str) -> str:
    m, by, now = await _of(damso, code, number), session.staff, damso.now()
    async with damso.db.transaction() as tx:
        key = await commitments.remove_evidence(tx, m.commitment, m.number, read_id(evidence) or 0, by=by, at=now)
        target = f"{m.commitment}/{m.number}"
        await accounts.audit(tx, by, "milestone.evidence_removed", target, before={"evidence": evidence}, at=now)
    if key:
        await damso.files.delete(key)
    return "removed"


async def _of(damso: Damso, code: str, number: str) -> Milestone:
    async with damso.db.transaction() as tx:
        return await commitments.milestone(tx, clean(code), _number(number))


def _number(written: str) -> int:
    number = read_id(written)
    if number is None:
        raise NoSuchMilestone
    return number


async def _page(
    request: Request,
    session: Session,
    code: str,
    number: str,
    *,
    form: MilestoneForm | None = None,
    evidence: EvidenceForm | None = None,
    state: str = "",
    done: str = "",
    errors: dict[str, str] | None = None,
    conflict: Conflict | None = None,
    saved: str = "",
) -> Response:
    lang, damso = lang_of(request), parts(request)
    m, today = await _of(damso, code, number), day(damso.now())
    async with damso.db.transaction() as tx:
        move = await commitments.last_move(tx, await commitments.get(tx, m.commitment), m)
    view = OneMilestone(
        milestone=m,
        move=move,
        key=uuid4().hex,
        title=m.title.of(lang),
        today=today,
        states=STATES,
        title_most=TITLE_MOST_CHARS,
        file_most_mb=FILE_MOST_MB,
        form=form or MilestoneForm(m.title.ko, m.title.en, m.due.isoformat()),
        evidence=evidence or EvidenceForm(dated=today.isoformat()),
        state=state or m.state,
        done=done or (m.done.isoformat() if m.done else ""),
        errors=errors or {},
        conflict=conflict.said(lang) if conflict else None,
        saved=text(lang, SAVED[saved]) if saved in SAVED else None,
    )
    status = 422 if errors else status_of(conflict) if conflict else 200
    return console(request, session, "staff/milestone.html", status=status, view=view)
