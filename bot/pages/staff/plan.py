"""The action plans and their commitments (공약): how far each is, its milestones (이행 과제), all that changed."""

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import EditorReading, EditorSending, Field, Parts, console, router, see_other
from bot.pages.staff.plan_forms import (
    LevelForm,
    LevelSourceMissing,
    ManyForm,
    MilestoneForm,
    level_form,
    milestone_form,
    read_day,
)
from flows import accounts, commitments, subscribing
from flows.accounts import Session
from flows.city import day
from flows.commitments import TITLE_MOST_CHARS, Change, Commitment, MilestoneState, Move, OgpLevel, Plan, Status
from flows.errors import Conflict, Invalid
from flows.messages import clean
from flows.subscribing import Frequency
from flows.wording import N_, text

CHANGES = 30
SAVED = {
    "status": N_("Saved. The state is published with today's date."),
    "level": N_("Saved. It is shown beside the city's own status."),
    "milestone": N_("The milestone is entered and public."),
    "many": N_("Saved, for each of them. What they were before stays in the history."),
    "imported": N_("The plan is changed. What changed stands in the history of each commitment."),
    "same": N_("Nothing was different, so nothing was changed."),
}


class StatusMissing(Invalid):
    field = "status"
    message = N_("Please choose how far the commitment is.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A commitment in the list of a plan."""

    commitment: Commitment
    title: str
    overdue: int
    silent_since: date | None


@dataclass(frozen=True, slots=True)
class OneCommitment:
    """The page of one commitment; `errors` are by field, `key` is that of the form that begins an update."""

    commitment: Commitment
    move: Move | None
    key: str
    followers: dict[Frequency, int]
    title: str
    today: date
    silent_since: date | None
    statuses: tuple[Status, ...]
    levels: tuple[OgpLevel, ...]
    title_most: int
    form: MilestoneForm
    level: LevelForm
    many: ManyForm
    states: tuple[MilestoneState, ...]
    changes: list[Change]
    older_url: str | None
    errors: dict[str, str] = field(default_factory=dict)
    conflict: str | None = None
    saved: str | None = None


@router.get("/commitments")
async def show_plans(
    request: Request, session: EditorReading, damso: Parts, saved: Annotated[str, Query()] = ""
) -> Response:
    lang, today = lang_of(request), day(damso.now())
    async with damso.db.transaction() as tx:
        found = await commitments.all_of(tx)
    rows: list[tuple[Plan, list[Listed]]] = [
        (
            plan,
            [
                Listed(c, c.title.of(lang), sum(m.is_overdue(today) for m in c.milestones), c.silent_since(today))
                for c in theirs
            ],
        )
        for plan, theirs in groupby(found, key=lambda c: c.plan)
    ]
    said = text(lang, SAVED[saved]) if saved in SAVED else None
    return console(request, session, "staff/commitments.html", plans=rows, today=today, saved=said)


@router.get("/commitments/{code}")
async def show_commitment(
    request: Request,
    code: str,
    session: EditorReading,
    saved: Annotated[str, Query()] = "",
    before: Annotated[str, Query()] = "",
) -> Response:
    return await commitment_page(request, session, code, saved=saved, before=read_id(before))


@router.post("/commitments/{code}/status")
async def set_status(request: Request, code: str, session: EditorSending, damso: Parts, status: Field = "") -> Response:
    code = clean(code)
    if status not in set(Status):
        return await commitment_page(request, session, code, errors={"status": StatusMissing().said(lang_of(request))})
    now = damso.now()
    async with damso.db.transaction() as tx:
        before = {"state": (await commitments.get(tx, code)).status}
        if not await commitments.set_status(tx, code, Status(status), as_of=day(now), by=session.staff, at=now):
            return see_other(f"/staff/commitments/{code}?saved=same")
        after = {"state": status}
        await accounts.audit(tx, session.staff, f"commitment.{status}", code, before=before, after=after, at=now)
    return see_other(f"/staff/commitments/{code}?saved=status")


@router.post("/commitments/{code}/level")
async def set_level(
    request: Request,
    code: str,
    session: EditorSending,
    damso: Parts,
    form: Annotated[LevelForm, Depends(level_form)],
) -> Response:
    code, now = clean(code), damso.now()
    try:
        level = form.read()
    except LevelSourceMissing as refused:
        return await commitment_page(
            request, session, code, level=form, errors={"level": refused.said(lang_of(request))}
        )
    async with damso.db.transaction() as tx:
        was = (await commitments.get(tx, code)).level
        await commitments.set_level(tx, code, level, by=session.staff, at=now)
        before, after = {"level": was.value if was else None}, {"level": level.level if level else None}
        await accounts.audit(tx, session.staff, "commitment.level", code, before=before, after=after, at=now)
    return see_other(f"/staff/commitments/{code}?saved=level")


@router.post("/commitments/{code}/milestones")
async def add_milestone(
    request: Request,
    code: str,
    session: EditorSending,
    damso: Parts,
    form: Annotated[MilestoneForm, Depends(milestone_form)],
) -> Response:
    if errors := form.errors(lang_of(request)):
        return await commitment_page(request, session, code, form=form, errors=errors)
    by, now, due = session.staff, damso.now(), read_day(form.due)
    try:
        async with damso.db.transaction() as tx:
            made = await commitments.add_milestone(tx, clean(code), form.title, due, by=by, at=now)
            target, after = f"{made.commitment}/{made.number}", {"due": due.isoformat()}
            await accounts.audit(tx, by, "milestone.added", target, after=after, at=now)
    except commitments.MilestoneThere as refused:
        return await commitment_page(request, session, code, form=form, conflict=refused)
    return see_other(f"/staff/commitments/{code}?saved=milestone")


@router.get("/commitments/{code}/{form}")
async def back_to_commitment(code: str, session: EditorReading) -> Response:
    """Where the language switch on a refused form leads: the forms have addresses of their own, but no pages."""
    return see_other(f"/staff/commitments/{code}")


async def commitment_page(
    request: Request,
    session: Session,
    code: str,
    *,
    form: MilestoneForm | None = None,
    level: LevelForm | None = None,
    many: ManyForm | None = None,
    errors: dict[str, str] | None = None,
    conflict: Conflict | None = None,
    saved: str = "",
    before: int | None = None,
) -> Response:
    lang, damso = lang_of(request), parts(request)
    today = day(damso.now())
    async with damso.db.transaction() as tx:
        commitment = await commitments.get(tx, clean(code))
        changes = await commitments.changes_of(tx, commitment.code, before=before, limit=CHANGES + 1)
        followers = await subscribing.count_followers(tx, commitment.code)
        move = await commitments.last_move(tx, commitment)
    view = OneCommitment(
        commitment=commitment,
        move=move,
        key=uuid4().hex,
        followers=followers,
        title=commitment.title.of(lang),
        today=today,
        silent_since=commitment.silent_since(today),
        statuses=tuple(Status),
        levels=tuple(OgpLevel),
        title_most=TITLE_MOST_CHARS,
        form=form or MilestoneForm(),
        level=level or _level_of(commitment),
        many=many or ManyForm(),
        states=tuple(MilestoneState),
        changes=changes[:CHANGES],
        older_url=f"/staff/commitments/{code}?before={changes[CHANGES - 1].id}#history" if changes[CHANGES:] else None,
        errors=errors or {},
        conflict=conflict.said(lang) if conflict else None,
        saved=text(lang, SAVED[saved]) if saved in SAVED else None,
    )
    status = 422 if errors else status_of(conflict) if conflict else 200
    return console(request, session, "staff/commitment.html", status=status, view=view)


def _level_of(c: Commitment) -> LevelForm:
    if c.level is None:
        return LevelForm()
    return LevelForm(c.level.value, c.level.source.title, c.level.source.url or "", c.level.source.as_of)
