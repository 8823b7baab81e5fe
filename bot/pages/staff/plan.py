"""Commitments (공약): how far each is, and its milestones (이행 과제)."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import EditorReading, EditorSending, Field, Parts, console, router, see_other, typed
from flows import accounts, commitments, subscribing
from flows.accounts import Session
from flows.city import Both, day
from flows.commitments import Commitment, Milestone, Status
from flows.errors import Conflict, FlowError, Invalid, NotFound
from flows.messages import clean
from flows.subscribing import Frequency
from flows.wording import N_, Lang

TITLE_MOST_CHARS = 200
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)  # a year outside is a slip of the hand


class StatusMissing(Invalid):
    field = "status"
    message = N_("Please choose how far the commitment is.")


class TitleMissing(Invalid):
    message = N_("Please write the title in both languages.")


class TitleTooLong(Invalid):
    message = N_("Please keep the title to {most} characters. This one has {length}.")


class BadDay(Invalid):
    message = N_("Please give a date, such as 2026-11-24.")


class NotYet(Invalid):
    """A milestone cannot have been reached tomorrow."""

    message = N_("This date has not come yet. Please give the day on which the milestone was reached.")


class MilestoneThere(Conflict):
    """The same milestone once more, as when a form is sent twice."""

    message = N_("This commitment has a milestone with these titles and this date already.")


class DoneBefore(Conflict):
    message = N_("Somebody has marked this milestone as done already.")


@dataclass(frozen=True, slots=True)
class MilestoneForm:
    """A milestone as it was sent; nothing of it is checked yet."""

    ko: str = ""
    en: str = ""
    due: str = ""

    def errors(self, lang: Lang) -> dict[str, str]:
        """The sentence for each field that is not as it should be, in the order of the fields."""
        found: dict[str, FlowError] = {}
        for name, text in (("ko", self.ko), ("en", self.en)):
            if not text:
                found[name] = TitleMissing()
            elif len(text) > TITLE_MOST_CHARS:
                found[name] = TitleTooLong(most=TITLE_MOST_CHARS, length=len(text))
        try:
            read_day(self.due)
        except BadDay as bad:
            found["due"] = bad
        return {name: error.said(lang) for name, error in found.items()}


def milestone_form(ko: Field = "", en: Field = "", due: Field = "") -> MilestoneForm:
    return MilestoneForm(" ".join(typed(ko).split()), " ".join(typed(en).split()), due.strip())


def read_day(written: str) -> date:
    """The day that a date field holds. Raises BadDay."""
    try:
        read = date.fromisoformat(written)
    except ValueError:
        raise BadDay from None
    if not FIRST_DAY <= read <= LAST_DAY:
        raise BadDay
    return read


@dataclass(frozen=True, slots=True)
class OneCommitment:
    """The page of one commitment.

    `errors` are by field; the date field of a milestone is `done-<id>`, and `days` keeps what was sent in it.
    """

    commitment: Commitment
    followers: dict[Frequency, int]
    title: str
    today: date
    overdue: set[int]
    statuses: tuple[Status, ...]
    title_most: int
    form: MilestoneForm = MilestoneForm()
    errors: dict[str, str] = field(default_factory=dict)
    days: dict[str, str] = field(default_factory=dict)
    conflict: str | None = None
    saved: str = ""


@router.get("/commitments")
async def show_plan(request: Request, session: EditorReading, damso: Parts) -> Response:
    lang, today = lang_of(request), day(damso.now())
    async with damso.db.transaction() as tx:
        plan = await commitments.all_of(tx)
    rows = [
        {
            "commitment": commitment,
            "title": commitment.title.of(lang),
            "done": sum(m.done is not None for m in commitment.milestones),
            "all": len(commitment.milestones),
            "overdue": sum(m.is_overdue(today) for m in commitment.milestones),
        }
        for commitment in plan
    ]
    return console(request, session, "staff/commitments.html", rows=rows)


@router.get("/commitments/{code}")
async def show_commitment(
    request: Request, code: str, session: EditorReading, saved: Annotated[str, Query()] = ""
) -> Response:
    return await _page(request, session, code, saved=saved)


@router.post("/commitments/{code}/status")
async def set_status(request: Request, code: str, session: EditorSending, damso: Parts, status: Field = "") -> Response:
    code = clean(code)
    if status not in set(Status):
        return await _page(request, session, code, errors={"status": StatusMissing().said(lang_of(request))})
    now = damso.now()
    async with damso.db.transaction() as tx:
        before = {"state": (await commitments.get(tx, code)).status}
        await commitments.set_status(tx, code, Status(status), as_of=day(now))
        after = {"state": status}
        await accounts.audit(tx, session.staff, f"commitment.{status}", code, before=before, after=after, at=now)
    return see_other(f"/staff/commitments/{code}?saved=status")


@router.post("/commitments/{code}/milestones")
async def add_milestone(
    request: Request,
    code: str,
    session: EditorSending,
    damso: Parts,
    form: Annotated[MilestoneForm, Depends(milestone_form)],
) -> Response:
    if errors := form.errors(lang_of(request)):
        return await _page(request, session, code, form=form, errors=errors)
    title, due = Both(ko=form.ko, en=form.en), read_day(form.due)
    try:
        async with damso.db.transaction() as tx:
            commitment = await commitments.get(tx, clean(code))
            if any((m.title, m.due) == (title, due) for m in commitment.milestones):
                raise MilestoneThere
            made = await commitments.add_milestone(tx, commitment.code, title, due)
            target, after = f"{commitment.code}/{made.id}", {"due": due.isoformat()}
            await accounts.audit(tx, session.staff, "milestone.added", target, after=after, at=damso.now())
    except MilestoneThere as refused:
        return await _page(request, session, code, form=form, conflict=refused)
    return see_other(f"/staff/commitments/{code}?saved=milestone")


@router.post("/commitments/{code}/milestones/{milestone}/done")
async def finish_milestone(
    request: Request, code: str, milestone: str, *, session: EditorSending, damso: Parts, done: Field = ""
) -> Response:
    lang, now = lang_of(request), damso.now()
    try:
        async with damso.db.transaction() as tx:
            reached = _milestone(await commitments.get(tx, clean(code)), milestone)
            if reached.done:
                raise DoneBefore
            on = read_day(done.strip())
            if on > day(now):
                raise NotYet
            await commitments.finish_milestone(tx, reached.id, on)
            target, after = f"{reached.commitment}/{reached.id}", {"done": on.isoformat()}
            await accounts.audit(
                tx, session.staff, "milestone.done", target, before={"done": None}, after=after, at=now
            )
    except Invalid as refused:
        name = f"done-{reached.id}"
        return await _page(request, session, code, errors={name: refused.said(lang)}, days={name: done})
    except DoneBefore as refused:
        return await _page(request, session, code, conflict=refused)
    return see_other(f"/staff/commitments/{code}?saved=done")


@router.get("/commitments/{code}/{form:path}")
async def back_to_commitment(code: str, session: EditorReading) -> Response:
    """Where the language switch on a refused form leads: the forms have addresses of their own, but no pages."""
    return see_other(f"/staff/commitments/{code}")


async def _page(
    request: Request,
    session: Session,
    code: str,
    *,
    form: MilestoneForm = MilestoneForm(),
    errors: dict[str, str] | None = None,
    days: dict[str, str] | None = None,
    conflict: Conflict | None = None,
    saved: str = "",
) -> Response:
    lang, damso = lang_of(request), parts(request)
    today = day(damso.now())
    async with damso.db.transaction() as tx:
        commitment = await commitments.get(tx, clean(code))
        followers = await subscribing.count_followers(tx, commitment.code)
    view = OneCommitment(
        commitment=commitment,
        followers=followers,
        title=commitment.title.of(lang),
        today=today,
        overdue={m.id for m in commitment.milestones if m.is_overdue(today)},
        statuses=tuple(Status),
        title_most=TITLE_MOST_CHARS,
        form=form,
        errors=errors or {},
        days=days or {},
        conflict=conflict.said(lang) if conflict else None,
        saved=saved,
    )
    status = 422 if errors else 409 if conflict else 200
    return console(request, session, "staff/commitment.html", status=status, view=view)


def _milestone(commitment: Commitment, asked: str) -> Milestone:
    for milestone in commitment.milestones:
        if str(milestone.id) == asked:
            return milestone
    raise NotFound
