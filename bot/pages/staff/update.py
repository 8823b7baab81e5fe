"""One update: changed, looked at in each channel, tried out, sent, cancelled, corrected."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Damso
from bot.pages.lookup import read_id
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.figures import CHANNEL_NAMES
from bot.pages.staff.gate import EditorReading, EditorSending, Field, NoAct, Parts, console, router, see_other
from bot.pages.staff.previewing import Sample, alert_samples
from bot.pages.staff.updates import HOME, UpdateForm, update_form
from flows import accounts, commitments, delivering
from flows.accounts import Session
from flows.city import city, zone
from flows.commitments import UNSENT, Commitment, Update, UpdateState
from flows.delivering import Forecast, TrialChat
from flows.errors import Invalid, NotFound, Refused
from flows.messages import Reply
from flows.store.keeping import TELEGRAM_LINK, kept
from flows.wording import LANGS, N_, Lang, text

SAVED = {
    "now": N_("The update is being published. Followers get it at the hours at which they may be written to."),
    "later": N_("The update is kept and will be published at its time."),
    "draft": N_("Saved. Nobody but staff sees it yet."),
    "test": N_("The test is on its way to your chat, in both languages. At night it waits until morning."),
    "cancel": N_("The update is cancelled. Nobody gets it."),
    "unlink": N_("The chat is no longer linked."),
}


@dataclass(frozen=True, slots=True)
class Known:
    """An update with what belongs to it. `wrong` is what it corrects, `corrected_by` what corrects it."""

    update: Update
    commitment: Commitment
    wrong: Update | None
    corrected_by: Update | None

    def told(self, lang: Lang) -> Reply:
        return delivering.told(self.commitment, self.update, self.wrong, lang)


@dataclass(frozen=True, slots=True)
class OneUpdate:
    """The page of one update. `link` is the code that links a chat, shown this once. `is_due`: public in a moment."""

    known: Known
    title: str
    form: UpdateForm
    is_due: bool
    can_change: bool
    can_correct: bool
    preview: list[Sample]
    chat: TrialChat | None
    channels: Mapping[str, str]
    link: str | None
    telegram: str | None
    broadcast: int | None
    errors: dict[str, str]
    conflict: str | None
    saved: str | None
    update_most: int
    expire_days: int
    zone: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What sending it would mean, before it is done. `when` is None for at once."""

    known: Known
    title: str
    forecast: Forecast
    channels: Mapping[str, str]
    when: datetime | None
    expires: datetime | None
    expire_days: int


@router.get("/updates/{number}")
async def show_update(
    request: Request, number: str, session: EditorReading, saved: Annotated[str, Query()] = ""
) -> Response:
    return await _page(request, session, number, saved=SAVED.get(saved))


@router.post("/updates/{number}")
async def change_update(
    request: Request,
    number: str,
    session: EditorSending,
    damso: Parts,
    form: Annotated[UpdateForm, Depends(update_form)],
    *,
    act: Field = "",
    seen: Field = "",
) -> Response:
    """Save, look at who gets it, try out, cancel, correct, link or unlink the chat of tests."""
    now, me, version = damso.now(), session.staff, read_id(seen) or 0
    if act in ("save", "check") and (errors := form.errors(now, {form.commitment}, lang_of(request))):
        return await _page(request, session, number, form=form, errors=errors)
    try:
        async with damso.db.transaction() as tx:
            known = await _known(tx, number)
            id_, ref = known.update.id, known.update.ref
            match act:
                case "save" | "check":
                    saved = await commitments.edit_update(tx, id_, form.writing(now), seen=version, at=now)
                    before, after = _times(known.update), _times(saved)
                    await accounts.audit(tx, me, "update.changed", ref, before=before, after=after, at=now)
                case "test":
                    await delivering.send_trial(tx, me, known.commitment, known.update, known.wrong, at=now)
                    await accounts.audit(tx, me, "update.tested", ref, at=now)
                case "cancel":
                    await commitments.cancel_update(tx, id_, seen=version)
                    await accounts.audit(tx, me, "update.cancelled", ref, before=_times(known.update), at=now)
                case "correct":
                    begun = await commitments.begin_correction(tx, id_, at=now)
                    await accounts.audit(tx, me, "correction.drafted", begun.ref, after={"corrects": ref}, at=now)
                    return see_other(f"{HOME}/{begun.id}")
                case "link":
                    code = await delivering.trial_code(tx, me, at=now)
                    await accounts.audit(tx, me, "trial_chat.asked", me.email, at=now)
                case "unlink":
                    await delivering.unlink_trial_chat(tx, me)
                    await accounts.audit(tx, me, "trial_chat.unlinked", me.email, at=now)
                case _:
                    raise NoAct
    except NotFound:
        raise
    except Refused as refused:
        kept_form = form if act in ("save", "check") else None
        return await _page(request, session, number, form=kept_form, refused=refused)
    if act == "link":
        return await _page(request, session, number, link=code)
    if act == "check" and known.update.state is UpdateState.DRAFT:
        return see_other(f"{HOME}/{id_}/publish")
    return see_other(f"{HOME}/{id_}?saved={'draft' if act in ('save', 'check') else act}")


@router.get("/updates/{number}/publish")
async def confirm(request: Request, number: str, session: EditorReading, damso: Parts) -> Response:
    """Who will get it, who not and why, and when it will be finished."""
    now = damso.now()
    async with damso.db.transaction() as tx:
        known = await _known(tx, number)
        if known.update.state is not UpdateState.DRAFT:
            return see_other(f"{HOME}/{known.update.id}")
        at = max(known.update.publish_at, now)
        foreseen = await delivering.forecast(tx, known.update, _rates(damso), at=at)
    view = Confirmation(
        known=known,
        title=known.commitment.short.of(lang_of(request)),
        forecast=foreseen,
        channels=_channel_names(lang_of(request)),
        when=at if at > now else None,
        expires=known.update.expires_at,
        expire_days=city().updates.expire_after_days,
    )
    return console(request, session, "staff/update_publish.html", view=view)


@router.post("/updates/{number}/publish")
async def publish(request: Request, number: str, session: EditorSending, damso: Parts, *, seen: Field = "") -> Response:
    """Let the version that was looked at become public. Pressed twice, it is published once."""
    now = damso.now()
    try:
        async with damso.db.transaction() as tx:
            draft = (await _known(tx, number)).update
            written = await delivering.release(tx, draft.id, seen=read_id(seen) or 0, now=now)
            after = _times(written)
            await accounts.audit(tx, session.staff, delivering.act_of(written, now), written.ref, after=after, at=now)
    except NotFound:
        raise
    except Refused as refused:
        return await _page(request, session, number, refused=refused)
    return see_other(f"{HOME}/{draft.id}?saved={'now' if written.publish_at <= now else 'later'}")


async def _known(tx: AsyncSession, number: str) -> Known:
    update = await commitments.get_update(tx, read_id(number) or 0)
    wrong = await commitments.get_update(tx, update.corrects) if update.corrects else None
    by = await commitments.get_update(tx, update.corrected_by) if update.corrected_by else None
    return Known(update, await commitments.get(tx, update.commitment), wrong, by)


async def _page(
    request: Request,
    session: Session,
    number: str,
    *,
    form: UpdateForm | None = None,
    errors: dict[str, str] | None = None,
    refused: Refused | None = None,
    saved: str | None = None,
    link: str | None = None,
) -> Response:
    lang, damso = lang_of(request), parts(request)
    if isinstance(refused, Invalid):
        errors = {refused.field: refused.said(lang)}
    async with damso.db.transaction() as tx:
        known = await _known(tx, number)
        chat = await delivering.trial_chat_of(tx, session.staff)
        telegram = await kept(tx, TELEGRAM_LINK)
        broadcast = await delivering.broadcast_of(tx, known.update.ref)
    update = known.update
    view = OneUpdate(
        known=known,
        title=known.commitment.short.of(lang),
        form=form or UpdateForm.of(update, damso.now()),
        is_due=update.state is UpdateState.SCHEDULED and update.publish_at <= damso.now(),
        can_change=update.state in UNSENT,
        can_correct=update.published_at is not None and update.corrected_by is None,
        preview=[*alert_samples(known.told), _line(known)],
        chat=chat,
        channels=_channel_names(lang),
        link=link,
        telegram=telegram,
        broadcast=broadcast,
        errors=errors or {},
        conflict=refused.said(lang) if refused and not errors else None,
        saved=saved,
        update_most=commitments.UPDATE_MOST_CHARS,
        expire_days=city().updates.expire_after_days,
        zone=zone().key,
    )
    status = status_of(refused) if refused else 422 if errors else 200
    response = console(request, session, "staff/update.html", status=status, view=view)
    if link:
        response.headers["Cache-Control"] = "no-store"
    return response


def _line(known: Known) -> Sample:
    is_correction = known.wrong is not None
    lines: dict[Lang, list[str]] = {
        lang: [
            f"{known.commitment.short.of(lang)}\n"
            + delivering.digest_line(known.update, lang, is_correction=is_correction)
        ]
        for lang in LANGS
    }
    return Sample(N_("Line in a digest"), lines)


def _rates(damso: Damso) -> dict[str, float]:
    """How many messages each channel takes in a second. A mailbox of ours takes as many as come."""
    limited = {"telegram": damso.settings.telegram_per_second}
    return {channel: limited.get(channel, float("inf")) for channel in damso.senders}


def _channel_names(lang: Lang) -> dict[str, str]:
    return {channel: text(lang, name) for channel, name in CHANNEL_NAMES.items()}


def _times(update: Update) -> dict[str, str | None]:
    expires = update.expires_at.isoformat(timespec="minutes") if update.expires_at else None
    return {"publish_at": update.publish_at.isoformat(timespec="minutes"), "expires_at": expires}
