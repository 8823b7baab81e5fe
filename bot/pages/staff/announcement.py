"""The emergency notice (긴급 공지): what everybody is told at the moment, and the form that tells them something."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import EditorReading, EditorSending, Field, Parts, console, router, see_other, typed
from flows import announcing
from flows.accounts import Session
from flows.announcing import Announcement, BadEnd
from flows.city import Both, zone
from flows.errors import Conflict, FlowError
from flows.wording import LANGS, N_, Lang, text

HOME = "/staff/announcement"


@dataclass(frozen=True, slots=True)
class AnnouncementForm:
    """A notice as it was sent; nothing of it is checked yet."""

    ko: str = ""
    en: str = ""
    until: str = ""

    @property
    def words(self) -> Both:
        return Both(ko=self.ko, en=self.en)

    def end(self) -> datetime | None:
        """When it ends by itself, by the city's clock. Raises BadEnd."""
        if not self.until:
            return None
        try:
            read = datetime.fromisoformat(self.until)
        except ValueError:
            raise BadEnd from None
        return read if read.tzinfo else read.replace(tzinfo=zone())

    def errors(self, now: datetime, lang: Lang) -> dict[str, str]:
        """The sentence for each field that is not as it should be, in the order of the fields."""
        found: dict[str, FlowError] = {}
        try:
            found |= announcing.faults(self.words, self.end(), at=now)
        except BadEnd as bad:
            found |= announcing.faults(self.words, None, at=now) | {"until": bad}
        return {field: error.said(lang) for field, error in found.items()}


def announcement_form(ko: Field = "", en: Field = "", until: Field = "") -> AnnouncementForm:
    return AnnouncementForm(typed(ko), typed(en), until.strip())


@dataclass(frozen=True, slots=True)
class AnnouncementPage:
    """What is shown now, and the form; or, with `is_to_confirm`, what the form would show to everybody.

    `heads` are the first words on the pages of each language.
    """

    heads: dict[Lang, str]
    current: Announcement | None
    form: AnnouncementForm
    end: datetime | None
    is_to_confirm: bool
    errors: dict[str, str]
    conflict: str | None
    saved: str
    text_most: int
    zone: str


@router.get("/announcement")
async def show_announcement(request: Request, session: EditorReading, saved: Annotated[str, Query()] = "") -> Response:
    return await _page(request, session, AnnouncementForm(), saved=saved)


@router.post("/announcement")
async def announce(
    request: Request,
    session: EditorSending,
    damso: Parts,
    form: Annotated[AnnouncementForm, Depends(announcement_form)],
    step: Field = "",
) -> Response:
    """First the preview, to be confirmed; `step` says what was pressed under it."""
    now = damso.now()
    if step == "change":
        return await _page(request, session, form)
    if errors := form.errors(now, lang_of(request)):
        return await _page(request, session, form, errors=errors)
    if step != "show":
        return await _page(request, session, form, is_to_confirm=True)
    async with damso.db.transaction() as tx:
        await announcing.start(tx, form.words, form.end(), by=session.staff, at=now)
    return see_other(f"{HOME}?saved=shown")


@router.post("/announcement/stop")
async def stop_announcement(request: Request, session: EditorSending, damso: Parts, seen: Field = "") -> Response:
    known = read_id(seen) or 0
    try:
        async with damso.db.transaction() as tx:
            await announcing.stop(tx, known, by=session.staff, at=damso.now())
    except Conflict as refused:
        return await _page(request, session, AnnouncementForm(), conflict=refused)
    return see_other(f"{HOME}?saved=stopped")


@router.get("/announcement/stop")
async def back_to_announcement(session: EditorReading) -> Response:
    """Where the language switch on a refused stop leads."""
    return see_other(HOME)


async def _page(
    request: Request,
    session: Session,
    form: AnnouncementForm,
    *,
    is_to_confirm: bool = False,
    errors: dict[str, str] | None = None,
    conflict: Conflict | None = None,
    saved: str = "",
) -> Response:
    damso = parts(request)
    async with damso.db.transaction() as tx:
        current = await announcing.current(tx, damso.now())
    view = AnnouncementPage(
        heads={lang: text(lang, N_("Emergency notice")) for lang in LANGS},
        current=current,
        form=form,
        end=form.end() if is_to_confirm else None,
        is_to_confirm=is_to_confirm,
        errors=errors or {},
        conflict=conflict.said(lang_of(request)) if conflict else None,
        saved=saved,
        text_most=announcing.TEXT_MOST_CHARS,
        zone=zone().key,
    )
    status = 422 if errors else 409 if conflict else 200
    return console(request, session, "staff/announcement.html", status=status, view=view)
