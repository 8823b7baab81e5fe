"""The door: signing in, with a code where there is a second factor, and out; and the link that sets a password."""

from datetime import timedelta
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from bot.pages.rendering import host_of, lang_of, page, parts
from bot.pages.staff.browsers import kind_of
from bot.pages.staff.gate import COOKIE, SIGN_IN, Field, Parts, Reading, Sending, router, see_other
from flows import accounts
from flows.accounts import CodeNeeded, Knock, SignedIn, SignInFailed, TicketOver
from flows.errors import Invalid
from flows.messages import clean
from flows.wording import N_

HOME = "/staff"
DEVICE_COOKIE = "damso_device"
DEVICE_KNOWN_FOR = timedelta(days=365)
# Asked for by name only, so that an address cannot put words of its own on our page.
NOTICES = {
    "expired": N_(
        "Your session had ended, so nothing was saved. Please sign in again. Going back may still show what you wrote."
    ),
    "out": N_("You are signed out."),
    "set": N_("Your password is set. Please sign in with it."),
}


class NotTheSame(Invalid):
    """The new password was typed in two ways."""

    field = "again"
    message = N_("The two passwords are not the same. Please type the new one twice.")


@router.get("/sign-in")
async def ask(
    request: Request,
    next: Annotated[str, Query()] = HOME,
    expired: Annotated[str, Query()] = "",
    out: Annotated[str, Query()] = "",
    set: Annotated[str, Query()] = "",
) -> Response:
    said = "expired" if expired else "out" if out else "set" if set else ""
    return _form(request, next=next, notice=NOTICES.get(said))


@router.post("/sign-in")
async def sign_in(
    request: Request, damso: Parts, email: Field = "", password: Field = "", next: Field = HOME
) -> Response:
    email, key = clean(email), damso.signing_key
    try:
        entered = await accounts.sign_in(
            damso.db, email, secret(password), knock=_knock(request), key=key, at=damso.now()
        )
    except SignInFailed as refused:
        return _form(request, next=next, email=email, error=refused.said(lang_of(request)), status=422)
    if isinstance(entered, CodeNeeded):
        return _code_form(request, entered.ticket, next=next)
    return _welcome(request, entered, next)


@router.post("/sign-in/code")
async def sign_in_with_code(
    request: Request, damso: Parts, ticket: Field = "", code: Field = "", next: Field = HOME
) -> Response:
    knock, key, lang = _knock(request), damso.signing_key, lang_of(request)
    try:
        entered = await accounts.sign_in_with_code(damso.db, ticket, code, knock=knock, key=key, at=damso.now())
    except TicketOver as over:
        return _form(request, next=next, error=over.said(lang), status=409)
    except Invalid as refused:
        return _code_form(request, ticket, next=next, error=refused.said(lang), status=422)
    return _welcome(request, entered, next)


@router.get("/sign-in/code")
async def ask_again() -> Response:
    """Where the language switch on the second step leads: back to the first."""
    return see_other(SIGN_IN)


@router.get("/password/{token}")
async def show_link(request: Request, token: str) -> Response:
    return await _password_form(request, token)


@router.post("/password/{token}")
async def set_password(request: Request, token: str, damso: Parts, password: Field = "", again: Field = "") -> Response:
    try:
        staff = await accounts.use_link(damso.db, token, new_password(password, again), at=damso.now())
    except Invalid as refused:
        return await _password_form(request, token, refused)
    response = see_other(f"{SIGN_IN}?set=1")
    _remember(request, response, accounts.device_cookie(staff.id, key=damso.signing_key))
    return response


@router.post("/sign-out")
async def sign_out(request: Request, damso: Parts, session: Sending) -> Response:
    async with damso.db.transaction() as tx:
        await accounts.sign_out(tx, request.cookies[COOKIE])
    response = see_other(f"{SIGN_IN}?out=1")
    response.delete_cookie(COOKIE, path=HOME, httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = '"cache"'  # or the Back button shows the console to whoever sits down next
    return response


@router.get("/sign-out")
async def home(session: Reading) -> Response:
    """Where the language switch or a reload after a refused sign-out leads."""
    return see_other(HOME)


def secret(typed: str) -> str:
    """A password as it was typed, blanks at its ends included."""
    return typed.encode("utf-8", "ignore").decode()


def new_password(typed: str, again: str) -> str:
    """Raises NotTheSame."""
    if typed != again:
        raise NotTheSame
    return secret(typed)


def _knock(request: Request) -> Knock:
    kind = kind_of(request.headers.get("user-agent", ""))
    return Knock(host_of(request), request.cookies.get(DEVICE_COOKIE, ""), kind)


def _welcome(request: Request, entered: SignedIn, next: str) -> Response:
    response = see_other(_inside(next))
    is_https = request.url.scheme == "https"
    response.set_cookie(COOKIE, entered.token, path=HOME, httponly=True, samesite="strict", secure=is_https)
    _remember(request, response, entered.device)
    return response


def _remember(request: Request, response: Response, device: str) -> None:
    response.set_cookie(
        DEVICE_COOKIE,
        device,
        max_age=int(DEVICE_KNOWN_FOR.total_seconds()),
        path=HOME,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def _form(
    request: Request,
    *,
    next: str,
    email: str = "",
    error: str | None = None,
    notice: str | None = None,
    status: int = 200,
) -> Response:
    view = {"next": _inside(next), "email": email, "error": error, "notice": notice}
    return page(request, "staff/sign_in.html", status=status, **view)


def _code_form(request: Request, ticket: str, *, next: str, error: str | None = None, status: int = 200) -> Response:
    return page(request, "staff/code.html", status=status, ticket=ticket, next=_inside(next), error=error)


async def _password_form(request: Request, token: str, refused: Invalid | None = None) -> Response:
    damso = parts(request)
    async with damso.db.transaction() as tx:
        staff = await accounts.behind_link(tx, clean(token), at=damso.now())
    errors = {refused.field: refused.said(lang_of(request))} if refused else {}
    view = {"email": staff.email, "errors": errors, "least": accounts.PASSWORD_LEAST_CHARS}
    return page(request, "staff/password.html", status=422 if refused else 200, **view)


def _inside(next: str) -> str:
    """`next` if it is a page of the console, else the console's first."""
    bare = next.split("?", maxsplit=1)[0]
    return next if bare == HOME or bare.startswith(f"{HOME}/") else HOME
