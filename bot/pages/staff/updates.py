"""Progress updates (진행 소식): what waits, what is published, and the form that writes one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import EditorReading, EditorSending, Field, Parts, console, router, see_other, typed
from flows import accounts, commitments, delivering
from flows.accounts import Session
from flows.city import Both, zone
from flows.commitments import Update
from flows.errors import Conflict, Invalid
from flows.wording import N_, Lang

PAGE = 20
MOST_AHEAD = timedelta(days=366)
# A minute is what the field shows: whoever takes the present one means now.
FIELD_STEP = timedelta(minutes=1)

DELIVERY_WORDING = {
    "owed": N_("Waiting"),
    "claimed": N_("Being sent"),
    "sent": N_("Sent"),
    "failed": N_("Failed"),
    "gone": N_("No longer reachable"),
    "gathered": N_("Waiting for a digest"),
    "bundled": N_("Told in a digest"),
    "dropped": N_("Not sent: no longer followed"),
}


class CommitmentMissing(Invalid):
    field = "commitment"
    message = N_("Please choose the commitment.")


class BadMoment(Invalid):
    field = "publish_at"
    message = N_("Please choose a time between now and a year from now, or leave the field empty to publish at once.")


@dataclass(frozen=True, slots=True)
class UpdateForm:
    """An update as it was sent; nothing of it is checked yet."""

    commitment: str
    ko: str
    en: str
    publish_at: str

    def moment(self, now: datetime) -> datetime:
        """When it becomes public. Raises BadMoment."""
        if not self.publish_at:
            return now
        try:
            read = datetime.fromisoformat(self.publish_at)
            at = read if read.tzinfo else read.replace(tzinfo=zone())
            fits = now - FIELD_STEP < at <= now + MOST_AHEAD
        except (ValueError, OverflowError):
            raise BadMoment from None
        if not fits:
            raise BadMoment
        return max(at, now)

    def errors(self, now: datetime, codes: set[str], lang: Lang) -> dict[str, str]:
        """The sentence for each field that is not as it should be, in the order of the fields."""
        found: dict[str, Invalid] = {}
        if self.commitment not in codes:
            found["commitment"] = CommitmentMissing()
        for field, text in (("ko", self.ko), ("en", self.en)):
            try:
                commitments.check_update(text)
            except Invalid as bad:
                found[field] = bad
        try:
            self.moment(now)
        except BadMoment as bad:
            found["publish_at"] = bad
        return {field: error.said(lang) for field, error in found.items()}


def update_form(commitment: Field = "", ko: Field = "", en: Field = "", publish_at: Field = "") -> UpdateForm:
    return UpdateForm(commitment, typed(ko), typed(en), publish_at.strip())


@dataclass(frozen=True, slots=True)
class Updates:
    """The page of the updates."""

    waiting: list[Update]
    published: list[Update]
    commitments: dict[str, str]
    deliveries: dict[str, int]
    older_url: str | None
    form: UpdateForm
    errors: dict[str, str]
    conflict: str | None
    saved: str
    update_most: int
    zone: str


@router.get("/updates")
async def show_updates(
    request: Request, session: EditorReading, before: Annotated[str, Query()] = "", saved: Annotated[str, Query()] = ""
) -> Response:
    after = read_id(before)
    return await _page(request, session, UpdateForm("", "", "", ""), before=after, saved=saved)


@router.post("/updates")
async def publish(
    request: Request, session: EditorSending, damso: Parts, form: Annotated[UpdateForm, Depends(update_form)]
) -> Response:
    now = damso.now()
    async with damso.db.transaction() as tx:
        codes = {commitment.code for commitment in await commitments.all_of(tx)}
    if errors := form.errors(now, codes, lang_of(request)):
        return await _page(request, session, form, errors=errors)
    at, words = form.moment(now), Both(ko=form.ko, en=form.en)
    try:
        async with damso.db.transaction() as tx:
            written = await delivering.publish(tx, form.commitment, words, at=at, now=now)
            when = {"publish_at": at.isoformat(timespec="minutes")}
            await accounts.audit(tx, session.staff, delivering.act_of(written, now), written.ref, after=when, at=now)
    except commitments.WrittenBefore as refused:
        return await _page(request, session, form, conflict=refused)
    return see_other(f"/staff/updates?saved={'now' if at <= now else 'later'}")


async def _page(
    request: Request,
    session: Session,
    form: UpdateForm,
    *,
    before: int | None = None,
    errors: dict[str, str] | None = None,
    conflict: Conflict | None = None,
    saved: str = "",
) -> Response:
    lang = lang_of(request)
    async with parts(request).db.transaction() as tx:
        plan = await commitments.all_of(tx)
        waiting = await commitments.waiting(tx)
        published = await commitments.latest(tx, before=before, limit=PAGE + 1)
        deliveries = await delivering.status(tx)
    view = Updates(
        waiting=waiting,
        published=published[:PAGE],
        commitments={commitment.code: commitment.short.of(lang) for commitment in plan},
        deliveries={wording: deliveries.get(state, 0) for state, wording in DELIVERY_WORDING.items()},
        older_url=f"/staff/updates?before={published[PAGE - 1].id}" if len(published) > PAGE else None,
        form=form,
        errors=errors or {},
        conflict=conflict.said(lang) if conflict else None,
        saved=saved,
        update_most=commitments.UPDATE_MOST_CHARS,
        zone=zone().key,
    )
    status = 422 if errors else 409 if conflict else 200
    return console(request, session, "staff/updates.html", status=status, view=view)
