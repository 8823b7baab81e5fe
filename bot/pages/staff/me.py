"""One's own account: name, password, second factor, and the browsers in which one is signed in."""

from dataclasses import dataclass
from typing import Annotated

import segno
from fastapi import Depends, Query, Request
from fastapi.responses import Response

from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import (
    ME,
    Field,
    NoAct,
    Parts,
    Reading,
    Sending,
    console,
    router,
    see_other,
    typed,
)
from bot.pages.staff.sign_in import new_password, secret
from flows import accounts
from flows.accounts import NewFactor, Session, SessionSeen
from flows.city import city
from flows.errors import Invalid
from flows.wording import N_

QR_SCALE = 5
SAVED = {
    "name": N_("Your name is saved."),
    "password": N_("Your password is changed. Everywhere else you are signed out."),
    "factor_off": N_("The second factor is off."),
    "end": N_("The session is over."),
    "end_others": N_("Everywhere else you are signed out."),
}


@dataclass(frozen=True, slots=True)
class OwnForm:
    """What was sent from one's own page. `present` is the password of today."""

    act: str = ""
    name: str = ""
    present: str = ""
    password: str = ""
    again: str = ""
    session: str = ""


def own_form(
    *,
    act: Field = "",
    name: Field = "",
    present: Field = "",
    password: Field = "",
    again: Field = "",
    session: Field = "",
) -> OwnForm:
    return OwnForm(act, " ".join(typed(name).split()), secret(present), password, again, session)


@dataclass(frozen=True, slots=True)
class Mine:
    """The page of one's own account. The password of today is asked for twice: `present`, and `present-off`."""

    sessions: list[SessionSeen]
    here: str
    name: str
    is_required: bool
    least: int
    errors: dict[str, str]
    saved: str | None


@router.get("/me")
async def show_me(request: Request, session: Reading, saved: Annotated[str, Query()] = "") -> Response:
    return await _page(request, session, saved=SAVED.get(saved))


@router.post("/me")
async def change_me(
    request: Request, session: Sending, damso: Parts, form: Annotated[OwnForm, Depends(own_form)]
) -> Response:
    me, at = session.staff, damso.now()
    try:
        match form.act:
            case "name":
                async with damso.db.transaction() as tx:
                    await accounts.rename(tx, me, form.name, at=at)
            case "password":
                new = new_password(form.password, form.again)
                await accounts.change_password(damso.db, me, form.present, new, session=session.id, at=at)
            case "factor_off":
                await accounts.check_own(damso.db, me, form.present, at=at)
                async with damso.db.transaction() as tx:
                    await accounts.switch_factor_off(tx, me, at=at)
            case "end":
                async with damso.db.transaction() as tx:
                    await accounts.end_session(tx, me, form.session)
            case "end_others":
                async with damso.db.transaction() as tx:
                    await accounts.end_sessions(tx, me.id, but=session.id)
            case _:
                raise NoAct
    except Invalid as refused:
        return await _page(request, session, form, refused)
    return see_other(f"{ME}?saved={form.act}")


@router.get("/me/second-factor")
async def offer_factor(request: Request, session: Reading, damso: Parts) -> Response:
    return _offer(request, session, accounts.new_factor(session.staff, key=damso.signing_key))


@router.post("/me/second-factor")
async def confirm_factor(
    request: Request, session: Sending, damso: Parts, *, seed: Field = "", code: Field = "", present: Field = ""
) -> Response:
    """Shows the recovery codes, this once."""
    me, key, at = session.staff, damso.signing_key, damso.now()
    try:
        await accounts.check_own(damso.db, me, secret(present), at=at)
        async with damso.db.transaction() as tx:
            codes = await accounts.switch_factor_on(tx, me, seed, code, key=key, at=at)
    except Invalid as refused:
        return _offer(request, session, accounts.new_factor(me, key=key, seed=seed), refused)
    response = console(request, session, "staff/recovery_codes.html", codes=codes)
    response.headers["Cache-Control"] = "no-store"
    return response


def _offer(request: Request, session: Session, factor: NewFactor, refused: Invalid | None = None) -> Response:
    response = console(
        request,
        session,
        "staff/second_factor.html",
        status=status_of(refused) if refused else 200,
        factor=factor,
        # Drawn by attributes alone: a style would need a hole in the content security policy.
        qr=segno.make(factor.uri).svg_inline(scale=QR_SCALE, light="#fff", svgclass=None, lineclass=None),
        is_required=accounts.lacks_factor(session.staff),
        errors={refused.field: refused.said(lang_of(request))} if refused else {},
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def _page(
    request: Request,
    session: Session,
    form: OwnForm | None = None,
    refused: Invalid | None = None,
    *,
    saved: str | None = None,
) -> Response:
    damso, off = parts(request), "-off" if form and form.act == "factor_off" else ""
    async with damso.db.transaction() as tx:
        sessions = await accounts.sessions_of(tx, session.staff, at=damso.now())
    view = Mine(
        sessions=sessions,
        here=session.id,
        name=form.name if form and form.act == "name" else session.staff.name or "",
        is_required=city().staff.second_factor == "required",
        least=accounts.PASSWORD_LEAST_CHARS,
        errors={f"{refused.field}{off}": refused.said(lang_of(request))} if refused else {},
        saved=saved,
    )
    return console(request, session, "staff/me.html", status=status_of(refused) if refused else 200, view=view)
