"""From an update to the deliveries it owes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows import commitments
from flows.city import Both
from flows.commitments import Update
from flows.messages import CitizenId
from flows.store.queue import defer
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.delivering import DeliveryRow, MailRow, NoticeRow
from flows.subscribing import Frequency, followers, next_decent_moment
from flows.wording import text

# What a night has gathered goes out over this time, one message after the other this far apart.
MORNING_SPREAD, MORNING_GAP = timedelta(minutes=30), timedelta(milliseconds=100)


class Priority(IntEnum):
    """What goes out first when much is due at once."""

    PERSONAL = 0
    UPDATE = 1
    DIGEST = 2


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
    """Make an update public and owe it to everybody who follows it instantly. Doing it twice is harmless."""
    update = await commitments.mark_published(tx, update_id, at=at)
    if update is None:
        return
    notice = await _notice(tx, "update", update.ref, at=at)
    await owe(tx, notice, followers(Frequency.INSTANT, {update.commitment}), Priority.UPDATE, at=at)


async def tell(tx: AsyncSession, citizen: CitizenId, subject: str, words: Both, *buttons: Button, at: datetime) -> None:
    """Owe one citizen something that is theirs alone, such as the answer to their suggestion."""
    await tell_all(tx, select(literal(citizen)), subject, words, *buttons, at=at)


async def tell_all(
    tx: AsyncSession, citizens: Select[int], subject: str, words: Both, *buttons: Button, at: datetime
) -> None:
    """Owe the same to all whom `citizens` finds, such as the supporters of a suggestion, whatever they follow."""
    notice = await _notice(tx, "answer", subject, words, buttons, at=at)
    await owe(tx, notice, citizens, Priority.PERSONAL, at=at)


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
        told = table.kind == "answer", table.subject.startswith(f"{subject}/", autoescape=True)
        stood = or_(*(column.contains(words, autoescape=True) for column in texts))
        covered = update(table).where(*told, stood)
        done = await tx.execute(
            covered.values({column.key: func.replace(column, words, cover) for column in texts}).returning(table.id)
        )
        found = bool(done.all()) or found
    return found


async def owe(tx: AsyncSession, notice: int, citizens: Select[int], priority: Priority, *, at: datetime) -> None:
    """One row a citizen, in one statement however many they are; nobody is owed the same notice twice.

    What a night has gathered for many is spread over the first half hour of the morning.
    """
    who = citizens.subquery()
    due_at: ColumnElement[datetime] = literal(moment := next_decent_moment(at))
    if moment > at and priority is not Priority.PERSONAL:
        place = func.row_number().over() - 1
        due_at = due_at + place % (MORNING_SPREAD // MORNING_GAP) * literal(MORNING_GAP)
    rows = select(
        literal(notice),
        CitizenRow.id,
        CitizenRow.channel,
        literal(priority),
        due_at,
        *(literal(value) for value in ("owed", 0, 0)),
    ).join(who, who.c[0] == CitizenRow.id)
    columns = ["notice_id", "citizen_id", "channel", "priority", "due_at", "state", "attempts", "uncertain"]
    await tx.execute(pg_insert(DeliveryRow).from_select(columns, rows).on_conflict_do_nothing())
    await defer(tx, "delivering:send_due", once="send_due")


async def wake(tx: AsyncSession, *, at: datetime) -> None:
    """Turn rows that are due into jobs: updates to announce, deliveries to send."""
    for update_id in await commitments.due_updates(tx, at=at):
        await defer(tx, "delivering:announce", once=f"announce:{update_id}", update_id=update_id)
    if next_decent_moment(at) != at:
        return
    owed = exists().where(DeliveryRow.state == "owed", DeliveryRow.due_at <= at)
    left = exists().where(DeliveryRow.state == "claimed", DeliveryRow.claimed_until <= at)
    if await tx.scalar(select(owed | left)):
        await defer(tx, "delivering:send_due", once="send_due")


async def _notice(
    tx: AsyncSession,
    kind: str,
    subject: str,
    words: Both | None = None,
    buttons: Sequence[Button] = (),
    *,
    at: datetime,
) -> int:
    choices = [{"value": button.value, **button.label.model_dump()} for button in buttons]
    row = insert(NoticeRow).values(
        kind=kind, subject=subject, created_at=at, ko=words and words.ko, en=words and words.en, choices=choices or None
    )
    return (await tx.execute(row.returning(NoticeRow.id))).scalar_one()
