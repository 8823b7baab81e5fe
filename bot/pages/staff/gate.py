"""Who may pass: the browser behind a form, the session behind a request, the role behind a page."""

import secrets
from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute

from bot.app import Damso
from bot.pages.rendering import page, parts
from flows import accounts, answering, commitments, delivering, reviewing
from flows.accounts import Role, Session
from flows.errors import Invalid, NotAllowed
from flows.messages import clean
from flows.wording import N_

COOKIE = "damso_staff"
SIGN_IN = "/staff/sign-in"
SIGN_OUT = "/staff/sign-out"
ME = "/staff/me"
SET_UP = "/staff/me/second-factor"
SAFE_METHODS = ("GET", "HEAD")
OWN_SITE = ("same-origin", "none")


class ForgedForm(NotAllowed):
    """A form that another site sent, or one without the token of this session."""

    message = N_("This form was not sent from your open console, so nothing was saved. Please open the page again.")


class EditorsOnly(NotAllowed):
    message = N_("This page is for editors and administrators.")


class AdminsOnly(NotAllowed):
    message = N_("Only administrators may do this.")


class FactorFirst(NotAllowed):
    message = N_("The city asks for a second factor. Please set one up first: open “My account”.")


class NoAct(Invalid):
    field = "act"
    message = N_("Please use one of the buttons.")


class SignInFirst(Exception):
    """Nobody is signed in here, or not with all that is asked for; `location` is where they can."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class Guarded(APIRoute):
    """Every route of the console: forms from elsewhere are refused, whoever is not signed in is led to the door."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            if request.method not in SAFE_METHODS and not _is_from_here(request):
                raise ForgedForm
            try:
                response = await handle(request)
            except SignInFirst as missing:
                response = see_other(missing.location)
            # Not `no-store`: browsers then drop what was typed when somebody goes back after their session ended.
            response.headers.setdefault("Cache-Control", "private, no-cache")
            return response

        return guarded


router = APIRouter(prefix="/staff", include_in_schema=False, route_class=Guarded)


async def signed_in(request: Request) -> Session:
    """The session of this browser; how much waits for staff is noted for the menu.

    Raises SignInFirst; FactorFirst where the city asks for a second factor that is not there.
    """
    damso = parts(request)
    async with damso.db.transaction() as tx:
        session = await accounts.session_of(tx, request.cookies.get(COOKIE, ""), at=damso.now())
        if session is not None:
            request.state.waiting = await answering.count_waiting(tx)
            request.state.queue = await reviewing.waiting(tx, at=damso.now())
            request.state.plan_tasks = await commitments.count_tasks(tx)
            request.state.paused = await delivering.count_paused(tx)
    if session is None:
        asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        query = {"next": asked} if request.method in SAFE_METHODS else {"expired": "1", "next": request.url.path}
        raise SignInFirst(f"{SIGN_IN}?{urlencode(query, safe='/')}")
    if accounts.lacks_factor(session.staff) and request.url.path not in (ME, SET_UP, SIGN_OUT):
        if request.method in SAFE_METHODS:
            raise SignInFirst(SET_UP)
        raise FactorFirst
    return session


async def sent_by(session: Annotated[Session, Depends(signed_in)], csrf: Annotated[str, Form()] = "") -> Session:
    """The session that sent this form. Raises SignInFirst, ForgedForm."""
    if not secrets.compare_digest(csrf.encode("utf-8", "replace"), session.csrf.encode()):
        raise ForgedForm
    return session


def _editor(session: Session) -> Session:
    if not session.staff.role.covers(Role.EDITOR):
        raise EditorsOnly
    return session


async def editor_signed_in(session: Annotated[Session, Depends(signed_in)]) -> Session:
    return _editor(session)


async def sent_by_editor(session: Annotated[Session, Depends(sent_by)]) -> Session:
    return _editor(session)


def _admin(session: Session) -> Session:
    if session.staff.role is not Role.ADMIN:
        raise AdminsOnly
    return session


async def admin_signed_in(session: Annotated[Session, Depends(signed_in)]) -> Session:
    return _admin(session)


async def sent_by_admin(session: Annotated[Session, Depends(sent_by)]) -> Session:
    return _admin(session)


Parts = Annotated[Damso, Depends(parts)]
Reading = Annotated[Session, Depends(signed_in)]
Sending = Annotated[Session, Depends(sent_by)]
EditorReading = Annotated[Session, Depends(editor_signed_in)]
EditorSending = Annotated[Session, Depends(sent_by_editor)]
AdminReading = Annotated[Session, Depends(admin_signed_in)]
AdminSending = Annotated[Session, Depends(sent_by_admin)]
Field = Annotated[str, Form()]


def console(request: Request, session: Session, template: str, *, status: int = 200, **view: Any) -> HTMLResponse:
    """A page of the console: `staff`, `csrf`, `is_editor`, `is_admin`, `waiting` (enquiries), and its own."""
    frame = {
        "staff": session.staff,
        "csrf": session.csrf,
        "is_editor": session.staff.role.covers(Role.EDITOR),
        "is_admin": session.staff.role is Role.ADMIN,
        "waiting": request.state.waiting,
        "queue": request.state.queue,
        "plan_tasks": request.state.plan_tasks,
        "paused": request.state.paused,
    }
    return page(request, template, status=status, **frame, **view)


def see_other(location: str) -> RedirectResponse:
    return RedirectResponse(location, 303)


def typed(raw: str) -> str:
    """What somebody wrote into a form. Browsers send line ends as CR LF; we keep LF."""
    return clean(raw.replace("\r\n", "\n"))


def _is_from_here(request: Request) -> bool:
    """Whether our own page sent this, as far as the browser says; the session's token is checked besides."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in OWN_SITE
    origin = request.headers.get("origin")
    if origin is None:
        return True  # not a browser of the last years: nothing here sends a cookie that its user did not mean to send
    # A proxy may rewrite the Host, so the address that citizens know counts as ours too.
    ours = {request.url.netloc, urlsplit(parts(request).settings.pages_url).netloc}
    return urlsplit(origin).netloc in ours
