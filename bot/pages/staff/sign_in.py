"""The door: signing in and out."""

from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from bot.pages.rendering import host_of, lang_of, page
from bot.pages.staff.gate import COOKIE, SIGN_IN, Field, Parts, Reading, Sending, router, see_other
from flows import accounts
from flows.accounts import SignInFailed
from flows.messages import clean
from flows.wording import N_

HOME = "/staff"
# Asked for by name only, so that an address cannot put words of its own on our page.
NOTICES = {
    "expired": N_(
        "Your session had ended, so nothing was saved. Please sign in again. Going back may still show what you wrote."
    ),
    "out": N_("You are signed out."),
}


@router.get("/sign-in")
async def ask(
    request: Request,
    next: Annotated[str, Query()] = HOME,
    expired: Annotated[str, Query()] = "",
    out: Annotated[str, Query()] = "",
) -> Response:
    notice = NOTICES["expired"] if expired else NOTICES["out"] if out else None
    return _form(request, next=next, notice=notice)


@router.post("/sign-in")
async def sign_in(
    request: Request, damso: Parts, email: Field = "", password: Field = "", next: Field = HOME
) -> Response:
    email = clean(email)
    address = host_of(request)
    secret = password.encode("utf-8", "ignore").decode()
    try:
        token = await accounts.sign_in(damso.db, email, secret, address=address, at=damso.now())
    except SignInFailed as refused:
        return _form(request, next=next, email=email, error=refused.said(lang_of(request)), status=422)
    response = see_other(_inside(next))
    is_https = request.url.scheme == "https"
    response.set_cookie(COOKIE, token, path=HOME, httponly=True, samesite="strict", secure=is_https)
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


def _inside(next: str) -> str:
    """`next` if it is a page of the console, else the console's first."""
    bare = next.split("?", maxsplit=1)[0]
    return next if bare == HOME or bare.startswith(f"{HOME}/") else HOME
