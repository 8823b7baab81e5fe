"""From an update to the deliveries it owes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, CompoundSelect, Select, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows import commitments
from flows.city import Both
from flows.commitments import Update
from flows.delivering.holding import hold, settle
from flows.messages import CitizenId
from flows.store.queue import defer
from flows.store.tables.delivering import DeliveryRow, MailRow, NoticeRow
from flows.subscribing import about_commitment, at_once, later, next_decent_moment
from flows.wording import text


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a personal message, in the language that its reader will have when it is sent."""

    label: Both
    value: str

    @classmethod
    def saying(cls, msgid: str, value: str) -> "Button":
        """One with interface wording on it."""
        return cls(Both.said(lambda lang: text(lang, msgid)), value)


async def publish(tx: AsyncSession, code: str, words: Both, *, at: datetime, now: datetime) -> Update:
    """Write an update that becomes public at `at`: now, or when the clock notices.

    Raises NoSuchCommitment.
    """
    written = await commitments.write_update(tx, code, words, publish_at=at, at=now)
    if at <= now:
        await defer(tx, "delivering:announce", update_id=written.id)
    return written


def act_of(written: Update, now: datetime) -> str:
    """What the audit log calls the writing of an update."""
    return "update.published" if written.publish_at <= now else "update.scheduled"


async def announce(tx: AsyncSession, update_id: int, *, at: datetime) -> None:
    """Make an update public and owe it to everybody who follows it. Doing it twice is harmless."""
    update = await commitments.mark_published(tx, update_id, at=at)
    if update is None:
        return
    about = about_commitment(update.commitment)
    await owe_followers(tx, await _notice(tx, "update", update.ref, about=about, at=at), about, at=at)


async def tell_followers(
    tx: AsyncSession,
    about: Sequence[str],
    subject: str,
    words: Both,
    *buttons: Button,
    but_not: CompoundSelect[int],
    at: datetime,
) -> None:
    """Owe the news of something that is no update to those who follow any of `about`, the nearest first.

    `but_not`: who is told of it anyway.
    """
    notice = await _notice(tx, "suggestion", subject, words, buttons, about=about, at=at)
    await owe_followers(tx, notice, about, but_not, at=at)


async def owe_followers(
    tx: AsyncSession, notice: int, about: Sequence[str], but_not: CompoundSelect[int] | None = None, *, at: datetime
) -> None:
    """To those who want it at once, now; for the others it is gathered until their digest."""
    now, gathered = at_once(about, at=at), later(about, at=at)
    if but_not is not None:
        now, gathered = (who.where(who.selected_columns[0].not_in(but_not)) for who in (now, gathered))
    await owe(tx, notice, now, at=at)
    await owe(tx, notice, gathered, "gathered", at=at)


async def tell(tx: AsyncSession, citizen: CitizenId, subject: str, words: Both, *buttons: Button, at: datetime) -> None:
    """Owe one citizen something that is theirs alone, such as the answer to their suggestion."""
    await tell_all(tx, select(literal(citizen)), subject, words, *buttons, at=at)


async def tell_all(
    tx: AsyncSession, citizens: Select[int], subject: str, words: Both, *buttons: Button, at: datetime
) -> None:
    """Owe the same to all whom `citizens` finds, such as the supporters of a suggestion, whatever they follow."""
    notice = await _notice(tx, "answer", subject, words, buttons, at=at)
    await owe(tx, notice, citizens, at=at)


async def untell(tx: AsyncSession, subjects: Collection[str]) -> None:
    """Erase what `tell` told of these subjects, sent or not: here, and from the mailbox of a web chat."""
    told = NoticeRow.kind == "answer", NoticeRow.subject.in_(subjects)
    await tx.execute(delete(DeliveryRow).where(DeliveryRow.notice_id.in_(select(NoticeRow.id).where(*told))))
    await tx.execute(delete(NoticeRow).where(*told))


async def take_out(tx: AsyncSession, subject: str, words: str, cover: str) -> bool:
    """Put `cover` in the place of `words` in all that was told of `subject` and its parts; whether they stood there.

    What a channel has sent to somebody's device is out of reach.
    """
    found = False
    for table, texts in ((NoticeRow, (NoticeRow.ko, NoticeRow.en)), (MailRow, (MailRow.text,))):
        told = table.kind.in_(("answer", "suggestion")), table.subject.startswith(f"{subject}/", autoescape=True)
        stood = or_(*(column.contains(words, autoescape=True) for column in texts))
        covered = update(table).where(*told, stood)
        done = await tx.execute(
            covered.values({column.key: func.replace(column, words, cover) for column in texts}).returning(table.id)
        )
        found = bool(done.all()) or found
    return found


async def owe(
    tx: AsyncSession, notice: int, citizens: Select[int], state: Literal["owed", "gathered"] = "owed", *, at: datetime
) -> None:
    """One row a citizen, in one statement however many they are; nobody is owed the same notice twice.

    A second statement moves it for those, much fewer, who have hours of their own.
    """
    who = citizens.subquery()
    rows = select(literal(notice), who.c[0], literal(next_decent_moment(at)), literal(state), literal(0))
    columns = ["notice_id", "citizen_id", "due_at", "state", "attempts"]
    await tx.execute(pg_insert(DeliveryRow).from_select(columns, rows).on_conflict_do_nothing())
    if state == "gathered":
        return
    await hold(tx, DeliveryRow.notice_id == notice, at=at)
    await defer(tx, "delivering:send_due", once="send_due")


async def wake(tx: AsyncSession, *, at: datetime) -> None:
    """Turn rows that are due into jobs: updates to announce, deliveries to send."""
    await settle(tx, at=at)
    for update_id in await commitments.due_updates(tx, at=at):
        await defer(tx, "delivering:announce", once=f"announce:{update_id}", update_id=update_id)
    if next_decent_moment(at) == at and await tx.scalar(select(exists().where(is_due(at)))):
        await defer(tx, "delivering:send_due", once="send_due")


def is_due(at: datetime) -> ColumnElement[bool]:
    """Owed and due, or claimed by a worker that did not live to tell."""
    return or_(
        (DeliveryRow.state == "owed") & (DeliveryRow.due_at <= at),
        (DeliveryRow.state == "claimed") & (DeliveryRow.claimed_until <= at),
    )


async def _notice(
    tx: AsyncSession,
    kind: str,
    subject: str,
    words: Both | None = None,
    buttons: Sequence[Button] = (),
    *,
    about: Sequence[str] = (),
    at: datetime,
) -> int:
    choices = [{"value": button.value, **button.label.model_dump()} for button in buttons]
    row = insert(NoticeRow).values(
        kind=kind,
        subject=subject,
        created_at=at,
        ko=words and words.ko,
        en=words and words.en,
        choices=choices or None,
        about=[*about] or None,
    )
    return (await tx.execute(row.returning(NoticeRow.id))).scalar_one()
