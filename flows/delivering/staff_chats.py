"""Chats in which the bot tells staff what waits: a group, or somebody's own chat with it.

To sending, such a chat is one more citizen's. Only counts and names of things of ours are told there, since nobody
knows who reads along in a group: nothing personal, and no words of citizens.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, citizens
from flows.accounts import Staff
from flows.city import Both
from flows.delivering.publishing import Priority, owe
from flows.errors import NotFound
from flows.messages import ChannelName, CitizenId
from flows.store.keeping import CONSOLE_LINK, kept
from flows.store.tables.accounts import StaffRow
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.delivering import NoticeRow, StaffChatCodeRow, StaffChatRow
from flows.wording import N_, Lang, as_lang

CODE_LASTS = timedelta(hours=1)
CODE_BYTES = 8  # within an hour, nobody guesses one of 2 to the 64
KIND = "staff"


class StaffCodeOver(NotFound):
    message = N_(
        "This code does not work: it has been used already, it is older than an hour, or a letter is wrong. "
        "Please have another one made in the staff console."
    )


class NoStaffChat(NotFound):
    message = N_("This chat is not a staff chat any more.")


@dataclass(frozen=True, slots=True)
class StaffChat:
    """A chat as administrators see it. `title`: of a group; none for somebody's own chat. `by`: who made its code."""

    id: int
    title: str | None
    lang: Lang
    by: str | None
    joined_at: datetime


async def new_staff_code(tx: AsyncSession, lang: Lang, *, by: Staff, at: datetime) -> str:
    """A code that makes the chat in which it is written one of the staff's, told in `lang`. It works once."""
    code = secrets.token_hex(CODE_BYTES)
    await tx.execute(delete(StaffChatCodeRow).where(StaffChatCodeRow.expires_at <= at))
    tx.add(StaffChatCodeRow(code_hash=_hash(code), lang=lang, made_by=by.id, expires_at=at + CODE_LASTS))
    await accounts.audit(tx, by, "staff_chat.code", "staff chat", after={"language": lang}, at=at)
    return code


async def join_staff_chat(
    tx: AsyncSession, channel: ChannelName, address: str, code: str, *, title: str | None = None, at: datetime
) -> Lang:
    """Make a chat one of the staff's; returns the language of the code. `title`: of a group. Raises StaffCodeOver."""
    used = delete(StaffChatCodeRow).where(StaffChatCodeRow.code_hash == _hash(code), StaffChatCodeRow.expires_at > at)
    row = (await tx.execute(used.returning(StaffChatCodeRow.lang, StaffChatCodeRow.made_by))).one_or_none()
    if row is None:
        raise StaffCodeOver
    lang = as_lang(row.lang)
    chat = await citizens.meet(tx, channel, address, lang, at=at)
    values = {"title": title, "made_by": row.made_by, "joined_at": at}
    joined = insert(StaffChatRow).values(citizen_id=chat, **values)
    await tx.execute(joined.on_conflict_do_update(index_elements=["citizen_id"], set_=values))
    return lang


async def staff_chats(tx: AsyncSession) -> list[StaffChat]:
    """All of them, the oldest first."""
    rows = (
        select(StaffChatRow, CitizenRow.lang, StaffRow.called)
        .join(CitizenRow, CitizenRow.id == StaffChatRow.citizen_id)
        .outerjoin(StaffRow, StaffRow.id == StaffChatRow.made_by)
        .order_by(StaffChatRow.joined_at)
    )
    return [
        StaffChat(row.citizen_id, row.title, as_lang(lang), by, row.joined_at)
        for row, lang, by in await tx.execute(rows)
    ]


async def is_staff_chat(tx: AsyncSession, citizen: CitizenId) -> bool:
    """Whether somebody's own chat is one of the staff's."""
    return await tx.get(StaffChatRow, citizen) is not None


async def close_staff_chat(tx: AsyncSession, id_: int, *, by: Staff, at: datetime) -> None:
    """Tell nothing more there. Raises NoStaffChat."""
    if not await forget_staff_chat(tx, CitizenId(id_)):
        raise NoStaffChat
    await accounts.audit(tx, by, "staff_chat.closed", f"staff chat {id_}", at=at)


async def forget_staff_chat(tx: AsyncSession, citizen: CitizenId) -> bool:
    """The same without a word, as when the bot was taken out of the group; whether it was a staff chat.

    Of a group nothing is kept; in their own chat, somebody stays the citizen that they were.
    """
    gone = delete(StaffChatRow).where(StaffChatRow.citizen_id == citizen)
    titles = list(await tx.scalars(gone.returning(StaffChatRow.title)))
    if any(title is not None for title in titles):
        await citizens.erase(tx, citizen)
    return bool(titles)


async def tell_staff(tx: AsyncSession, subject: str, words: Both, *, page: str = "", at: datetime) -> None:
    """Tell every staff chat, by day, with the address of the console or of its `page`; the same `subject` only once.

    `words` are counts and names of things of ours: nothing personal, nothing that a citizen wrote.
    """
    chats = select(StaffChatRow.citizen_id)
    if await tx.scalar(chats.limit(1)) is None:
        return
    link = await kept(tx, CONSOLE_LINK)
    beneath = [f"{link}{page}"] if link else []
    said = Both.said(lambda lang: "\n\n".join([words.of(lang), *beneath]))
    new = insert(NoticeRow).values(kind=KIND, subject=subject, created_at=at, ko=said.ko, en=said.en)
    notice = await tx.scalar(new.on_conflict_do_nothing().returning(NoticeRow.id))
    if notice is not None:
        await owe(tx, notice, chats, Priority.PERSONAL, at=at)


async def last_told_staff(tx: AsyncSession, begin: str) -> datetime | None:
    """When staff chats were last told of a subject that begins so."""
    told = NoticeRow.kind == KIND, NoticeRow.subject.startswith(begin, autoescape=True)
    return await tx.scalar(select(func.max(NoticeRow.created_at)).where(*told))


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
