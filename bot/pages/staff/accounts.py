"""Accounts of staff (직원 계정), for administrators: invitations, roles, links for passwords, who has left."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import (
    AdminReading,
    AdminSending,
    Field,
    NoAct,
    Parts,
    console,
    router,
    see_other,
    typed,
)
from flows import accounts, reviewing
from flows.accounts import Colleague, Link, Role, Session, Staff
from flows.errors import Conflict, Invalid
from flows.wording import N_

HOME = "/staff/accounts"
LINKS = "/staff/password"  # a token follows
SAVED = {
    "role": N_("The role is changed."),
    "left": N_("The account is closed. What they did stays in the history under their name."),
}


class RoleMissing(Invalid):
    field = "role"
    message = N_("Please choose a role.")


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A one-time link as it is shown, this once."""

    url: str
    staff: Staff
    hours: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as it was sent; nothing of it is checked yet."""

    email: str = ""
    name: str = ""
    role: str = Role.REVIEWER

    def read_role(self) -> Role:
        """Raises RoleMissing."""
        return read_role(self.role)


def invitation(email: Field = "", name: Field = "", role: Field = "") -> Invitation:
    return Invitation(typed(email), " ".join(typed(name).split()), role)


def read_role(written: str) -> Role:
    """Raises RoleMissing."""
    if written not in set(Role):
        raise RoleMissing
    return Role(written)


@dataclass(frozen=True, slots=True)
class AccountsPage:
    """The list of accounts, the form of an invitation, and what each role may do."""

    colleagues: list[Colleague]
    roles: tuple[Role, ...]
    may: dict[str, tuple[bool, ...]]
    form: Invitation
    errors: dict[str, str]
    conflict: str | None
    link: ShownLink | None
    saved: str | None


@dataclass(frozen=True, slots=True)
class OneAccount:
    """The page of one account. `held`: how many suggestions they have in hand; `heirs`: who could have them."""

    colleague: Colleague
    held: int
    heirs: dict[int, str]
    roles: tuple[Role, ...]
    errors: dict[str, str]
    conflict: str | None
    link: ShownLink | None
    saved: str | None


@router.get("/accounts")
async def show_accounts(request: Request, session: AdminReading, saved: Annotated[str, Query()] = "") -> Response:
    return await _list(request, session, Invitation(), saved=SAVED.get(saved))


@router.post("/accounts")
async def invite(
    request: Request, session: AdminSending, damso: Parts, form: Annotated[Invitation, Depends(invitation)]
) -> Response:
    try:
        async with damso.db.transaction() as tx:
            role = form.read_role()
            link = await accounts.invite(tx, form.email, role, name=form.name, by=session.staff, at=damso.now())
    except (Invalid, Conflict) as refused:
        return await _list(request, session, form, refused)
    return await _list(request, session, Invitation(), link=_shown_link(request, link))


@router.get("/accounts/{number}")
async def show_account(
    request: Request, number: str, session: AdminReading, saved: Annotated[str, Query()] = ""
) -> Response:
    return await _page(request, session, number, saved=SAVED.get(saved))


@router.post("/accounts/{number}")
async def change_account(
    request: Request,
    number: str,
    *,
    session: AdminSending,
    damso: Parts,
    act: Field = "",
    role: Field = "",
    seen: Field = "",
    without_factor: Field = "",
    heir: Field = "",
) -> Response:
    id_, by, at = read_id(number) or 0, session.staff, damso.now()
    try:
        async with damso.db.transaction() as tx:
            match act:
                case "role":
                    await accounts.set_role(tx, id_, read_role(role), seen=read_role(seen), by=by, at=at)
                case "reset":
                    link = await accounts.reset(tx, id_, without_factor=bool(without_factor), by=by, at=at)
                case "leave":
                    await accounts.leave(tx, id_, by=by, at=at)
                    await reviewing.hand_over(tx, id_, read_id(heir), by=by, at=at)
                case _:
                    raise NoAct
    except (Invalid, Conflict) as refused:
        return await _page(request, session, number, refused)
    if act == "reset":
        return await _page(request, session, number, link=_shown_link(request, link))
    return see_other(f"{HOME}?saved=left" if act == "leave" else f"{HOME}/{id_}?saved=role")


def _shown_link(request: Request, link: Link) -> ShownLink:
    hours = round(accounts.LINK_LASTS.total_seconds() / 3600)
    return ShownLink(f"{parts(request).settings.pages_url}{LINKS}/{link.token}", link.staff, hours)


async def _list(
    request: Request,
    session: Session,
    form: Invitation,
    refused: Invalid | Conflict | None = None,
    *,
    link: ShownLink | None = None,
    saved: str | None = None,
) -> Response:
    async with parts(request).db.transaction() as tx:
        colleagues = await accounts.colleagues(tx)
    view = AccountsPage(
        colleagues=colleagues,
        roles=tuple(Role),
        may={act: tuple(role.covers(least) for role in Role) for act, least in accounts.MAY.items()},
        form=form,
        errors={refused.field: refused.said(lang_of(request))} if isinstance(refused, Invalid) else {},
        conflict=refused.said(lang_of(request)) if isinstance(refused, Conflict) else None,
        link=link,
        saved=saved,
    )
    return _shown(request, session, "staff/accounts.html", view, refused)


async def _page(
    request: Request,
    session: Session,
    number: str,
    refused: Invalid | Conflict | None = None,
    *,
    link: ShownLink | None = None,
    saved: str | None = None,
) -> Response:
    async with parts(request).db.transaction() as tx:
        colleague = await accounts.colleague(tx, read_id(number) or 0)
        held = await reviewing.count_held(tx, colleague.staff.id, at=parts(request).now())
        others = [one for one in await accounts.colleagues(tx) if one.left_at is None]
    view = OneAccount(
        colleague=colleague,
        held=held,
        heirs={id_: name for id_, name in accounts.names(others).items() if id_ != colleague.staff.id},
        roles=tuple(Role),
        errors={refused.field: refused.said(lang_of(request))} if isinstance(refused, Invalid) else {},
        conflict=refused.said(lang_of(request)) if isinstance(refused, Conflict) else None,
        link=link,
        saved=saved,
    )
    return _shown(request, session, "staff/account.html", view, refused)


def _shown(
    request: Request,
    session: Session,
    template: str,
    view: AccountsPage | OneAccount,
    refused: Invalid | Conflict | None,
) -> Response:
    response = console(request, session, template, status=status_of(refused) if refused else 200, view=view)
    if view.link:
        response.headers["Cache-Control"] = "no-store"
    return response
