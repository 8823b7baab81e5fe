"""Staff chats (직원 대화방), for administrators: where the bot tells staff what waits."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import AdminReading, AdminSending, Field, NoAct, Parts, console, router, see_other
from flows import delivering
from flows.accounts import Session
from flows.delivering import StaffChat
from flows.errors import Invalid, NotFound
from flows.store.keeping import TELEGRAM_LINK, kept
from flows.wording import LANGS, N_, as_lang

HOME = "/staff/chats"
SAVED = {"closed": N_("Nothing more is told in that chat.")}


class LanguageMissing(Invalid):
    field = "spoken"
    message = N_("Please choose the language of the chat.")


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code as it is shown, this once: the links that bring it along, and what is written in a chat."""

    own_url: str
    group_url: str
    command: str
    minutes: int


@dataclass(frozen=True, slots=True)
class ChatsPage:
    """The chats, and the form for another one. `telegram`: the address of our bot, empty where it is not there."""

    chats: list[StaffChat]
    telegram: str
    code: NewCode | None
    errors: dict[str, str]
    saved: str | None
    gone: str | None


@router.get("/chats")
async def show_chats(request: Request, session: AdminReading, saved: Annotated[str, Query()] = "") -> Response:
    return await _page(request, session, saved=SAVED.get(saved))


@router.post("/chats")
async def change_chats(
    request: Request, session: AdminSending, damso: Parts, *, act: Field = "", spoken: Field = "", chat: Field = ""
) -> Response:
    try:
        async with damso.db.transaction() as tx:
            match act:
                case "code":
                    if spoken not in LANGS:
                        raise LanguageMissing
                    code = await delivering.new_staff_code(tx, as_lang(spoken), by=session.staff, at=damso.now())
                case "close":
                    await delivering.close_staff_chat(tx, read_id(chat) or 0, by=session.staff, at=damso.now())
                case _:
                    raise NoAct
    except (Invalid, NotFound) as refused:
        return await _page(request, session, refused=refused)
    return await _page(request, session, code=code) if act == "code" else see_other(f"{HOME}?saved=closed")


async def _page(
    request: Request,
    session: Session,
    *,
    code: str | None = None,
    refused: Invalid | NotFound | None = None,
    saved: str | None = None,
) -> Response:
    lang = lang_of(request)
    async with parts(request).db.transaction() as tx:
        chats = await delivering.staff_chats(tx)
        telegram = await kept(tx, TELEGRAM_LINK) or ""
    view = ChatsPage(
        chats=chats,
        telegram=telegram,
        code=_shown(telegram, code) if code else None,
        errors={refused.field: refused.said(lang)} if isinstance(refused, Invalid) else {},
        saved=saved,
        gone=refused.said(lang) if isinstance(refused, NotFound) else None,
    )
    response = console(request, session, "staff/chats.html", status=status_of(refused) if refused else 200, view=view)
    if code:
        response.headers["Cache-Control"] = "no-store"
    return response


def _shown(telegram: str, code: str) -> NewCode:
    return NewCode(
        own_url=f"{telegram}?start=staff-{code}",
        group_url=f"{telegram}?startgroup=staff-{code}",
        command=f"/join@{telegram.rpartition('/')[2]} {code}",
        minutes=round(delivering.CODE_LASTS.total_seconds() / 60),
    )
