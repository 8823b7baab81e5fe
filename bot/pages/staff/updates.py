"""Progress updates (진행 소식): the lists of them, and the form that begins one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import EditorReading, EditorSending, Field, Parts, console, router, see_other, typed
from bot.pages.staff.labels import commitment_labels
from flows import accounts, commitments, delivering
from flows.accounts import Session
from flows.city import Both, city, zone
from flows.commitments import Update, UpdateState, Writing
from flows.errors import Conflict, Invalid
from flows.wording import N_, Lang

HOME = "/staff/updates"
PAGE = 20
CANCELLED_SHOWN = 20
MOST_AHEAD = timedelta(days=366)
# A minute is what the field shows: whoever takes the present one means now.
FIELD_STEP = timedelta(minutes=1)


class CommitmentMissing(Invalid):
    field = "commitment"
    message = N_("Please choose the commitment.")


class BadMoment(Invalid):
    field = "publish_at"
    message = N_("Please choose a time between now and a year from now, or leave the field empty to publish at once.")


class BadEnd(Invalid):
    field = "expires_at"
    message = N_("Please choose a time within two years, or leave the field empty for the usual end.")


@dataclass(frozen=True, slots=True)
class UpdateForm:
    """An update as it was sent; nothing of it is checked yet. Of a new one `key` is that of the form."""

    commitment: str = ""
    ko: str = ""
    en: str = ""
    publish_at: str = ""
    expires_at: str = ""
    milestone: str = ""
    evidence: str = ""
    key: str = ""

    @classmethod
    def of(cls, update: Update, now: datetime) -> "UpdateForm":
        """The form that makes `update` again; a time that has come by is not asked for."""
        return cls(
            commitment=update.commitment,
            ko=update.text.ko,
            en=update.text.en,
            publish_at=field_time(update.publish_at) if update.publish_at > now else "",
            expires_at=field_time(update.expires_at) if update.expires_at else "",
            milestone=str(update.milestone or ""),
            evidence=update.evidence or "",
        )

    def moment(self, now: datetime) -> datetime:
        """When it becomes public. Raises BadMoment."""
        if not self.publish_at:
            return now
        at = read_time(self.publish_at)
        if at is None or not now - FIELD_STEP < at <= now + MOST_AHEAD:
            raise BadMoment
        return max(at, now)

    def writing(self, now: datetime) -> Writing:
        """Raises BadMoment, BadEnd."""
        expires_at = read_time(self.expires_at) if self.expires_at else None
        if self.expires_at and (expires_at is None or expires_at > now + 2 * MOST_AHEAD):
            raise BadEnd
        return Writing(
            Both(ko=self.ko, en=self.en),
            self.moment(now) if self.publish_at else None,
            expires_at,
            # What is no number is no milestone either, and is refused as such.
            (read_id(self.milestone) or 0) if self.milestone else None,
            self.evidence or None,
        )

    def errors(self, now: datetime, codes: set[str], lang: Lang) -> dict[str, str]:
        """The sentence for each field that is not as it should be, in the order of the fields."""
        found: dict[str, Invalid] = {}
        if self.commitment not in codes:
            found["commitment"] = CommitmentMissing()
        found |= Writing(Both(ko=self.ko, en=self.en), evidence=self.evidence or None).faults()
        try:
            found |= self.writing(now).faults()
        except Invalid as bad:
            found[bad.field] = bad
        return {field: error.said(lang) for field, error in found.items()}


def update_form(
    *,
    commitment: Field = "",
    ko: Field = "",
    en: Field = "",
    publish_at: Field = "",
    expires_at: Field = "",
    milestone: Field = "",
    evidence: Field = "",
    key: Field = "",
) -> UpdateForm:
    times = publish_at.strip(), expires_at.strip()
    return UpdateForm(commitment, typed(ko), typed(en), *times, milestone, typed(evidence), typed(key)[:64])


def read_time(written: str) -> datetime | None:
    """A moment as a field has it, by the city's clock; None for what is none."""
    try:
        read = datetime.fromisoformat(written)
        return read if read.tzinfo else read.replace(tzinfo=zone())
    except (ValueError, OverflowError):
        return None


def field_time(moment: datetime) -> str:
    return moment.astimezone(zone()).strftime("%Y-%m-%dT%H:%M")


@dataclass(frozen=True, slots=True)
class Updates:
    """The page of the updates."""

    drafts: list[Update]
    waiting: list[Update]
    published: list[Update]
    cancelled: list[Update]
    commitments: dict[str, str]
    deliveries: dict[str, int]
    older_url: str | None
    form: UpdateForm
    errors: dict[str, str]
    conflict: str | None
    update_most: int
    zone: str
    expire_days: int


@router.get("/updates")
async def show_updates(request: Request, session: EditorReading, before: Annotated[str, Query()] = "") -> Response:
    return await _page(request, session, UpdateForm(key=uuid4().hex), before=read_id(before))


@router.post("/updates")
async def begin(
    request: Request, session: EditorSending, damso: Parts, form: Annotated[UpdateForm, Depends(update_form)]
) -> Response:
    """Keep a draft, and lead to its page: there it is looked at and sent."""
    now = damso.now()
    async with damso.db.transaction() as tx:
        codes = {commitment.code for commitment in await commitments.all_of(tx)}
    if errors := form.errors(now, codes, lang_of(request)):
        return await _page(request, session, form, errors=errors)
    try:
        async with damso.db.transaction() as tx:
            draft = await commitments.draft_update(
                tx, form.commitment, form.writing(now), form=form.key or None, at=now
            )
            await accounts.audit(tx, session.staff, "update.drafted", draft.ref, at=now)
    except Conflict as refused:
        return await _page(request, session, form, conflict=refused)
    return see_other(f"{HOME}/{draft.id}")


async def _page(
    request: Request,
    session: Session,
    form: UpdateForm,
    *,
    before: int | None = None,
    errors: dict[str, str] | None = None,
    conflict: Conflict | None = None,
) -> Response:
    lang = lang_of(request)
    async with parts(request).db.transaction() as tx:
        labels = await commitment_labels(tx, lang)
        drafts = await commitments.updates_in(tx, {UpdateState.DRAFT})
        waiting = await commitments.updates_in(tx, {UpdateState.SCHEDULED})
        cancelled = await commitments.updates_in(tx, {UpdateState.CANCELLED}, limit=CANCELLED_SHOWN)
        published = await commitments.latest(tx, before=before, limit=PAGE + 1)
        deliveries = await delivering.unfinished(tx)
    view = Updates(
        drafts=drafts,
        waiting=waiting,
        published=published[:PAGE],
        cancelled=cancelled,
        commitments=labels,
        deliveries={delivering.STATES[state]: count for state, count in deliveries.items()},
        older_url=f"{HOME}?before={published[PAGE - 1].id}" if len(published) > PAGE else None,
        form=form,
        errors=errors or {},
        conflict=conflict.said(lang) if conflict else None,
        update_most=commitments.UPDATE_MOST_CHARS,
        zone=zone().key,
        expire_days=city().updates.expire_after_days,
    )
    status = 422 if errors else 409 if conflict else 200
    return console(request, session, "staff/updates.html", status=status, view=view)
