"""From an update to the deliveries it owes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Literal

import structlog
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from flows import commitments
from flows.city import Both
from flows.commitments import Update, UpdateState, Writing
from flows.delivering.correcting import KINDS, corrected_refs, got, hold_back, may_have_seen
from flows.delivering.holding import hold, settle
from flows.delivering.pausing import WAITING, paused
from flows.messages import CitizenId
from flows.store.queue import defer
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.delivering import DeliveryRow, MailRow, NoticeRow
from flows.subscribing import about_commitment, at_once, later, next_decent_moment
from flows.wording import text

log = structlog.get_logger()

COMPLETED_FOR = timedelta(hours=2)  # after its announcement

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


async def publish(
    tx: AsyncSession, code: str, words: Both, *, at: datetime, now: datetime, expires_at: datetime | None = None
) -> Update:
    """Write an update that becomes public at `at`: now, or when the clock notices.

    Raises NoSuchCommitment, UpdateMissing, UpdateTooLong, BadExpiry, WrittenBefore.
    """
    written = await commitments.draft_update(tx, code, Writing(words, at, expires_at), at=now)
    return await release(tx, written.id, seen=written.version, now=now)


async def release(tx: AsyncSession, update_id: int, *, seen: int, now: datetime) -> Update:
    """Let a draft become public at its time, now or when the clock notices. Raises what `release_update` does."""
    released = await commitments.release_update(tx, update_id, seen=seen, at=now)
    if released.publish_at <= now:
        await defer(tx, "delivering:announce", update_id=released.id)
    return released


async def correct(tx: AsyncSession, update_id: int, words: Both, *, now: datetime) -> Update:
    """Correct a published update at once. Raises NoSuchUpdate, NotPublic, UpdateMoved, WrittenBefore."""
    begun = await commitments.begin_correction(tx, update_id, words, at=now)
    if begun.text != words:
        kept = Writing(words, None, begun.expires_at, begun.milestone, begun.evidence)
        begun = await commitments.edit_update(tx, begun.id, kept, seen=begun.version, at=now)
    return await release(tx, begun.id, seen=begun.version, now=now)


def act_of(written: Update, now: datetime) -> str:
    """What the audit log calls the writing of an update."""
    what = "update" if written.corrects is None else "correction"
    return f"{what}.published" if written.publish_at <= now else f"{what}.scheduled"


async def announce(tx: AsyncSession, update_id: int, *, at: datetime) -> None:
    """Make an update public and owe it to everybody who follows it. Doing it twice is harmless.

    A correction is owed at once to those who got what it corrects, whatever they follow by now and however seldom they
    want to hear: nobody shall believe for a month what we know to be wrong. What becomes public after its expiry is
    sent to nobody and stands in digests alone.
    """
    update = await commitments.mark_published(tx, update_id, at=at)
    if update is None:
        return
    kind = "update" if update.corrects is None else "correction"
    about = about_commitment(update.commitment)
    notice = await write_notice(tx, kind, update.ref, about=about, expires_at=update.expires_at, at=at)
    if update.state is UpdateState.EXPIRED:
        log.warning("update.not_sent_late", update=update.ref)
    else:
        await owe(tx, notice, await readers(tx, update, at=at), Priority.UPDATE, at=at)
        if update.corrects is not None:
            # A million take a while to owe, and meanwhile others were sent what is wrong: now they are owed it too.
            await hold_back(tx, await corrected_refs(tx, update))
            mine = aliased(DeliveryRow)
            there = exists().where(mine.notice_id == notice, mine.citizen_id == CitizenRow.id)
            await owe(tx, notice, (await readers(tx, update, at=at)).where(~there), Priority.UPDATE, at=at)
    if update.corrects is None:
        await owe(tx, notice, later(about, at=at), Priority.DIGEST, "gathered", at=at)


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

    `but_not`: who is told of it anyway. Who wants it in a digest finds it there.
    """
    choices = [_kept(button) for button in buttons]
    notice = await write_notice(tx, "suggestion", subject, words, choices, about=about, at=at)
    now, gathered = (
        who.where(who.selected_columns[0].not_in(but_not)) for who in (at_once(about, at=at), later(about, at=at))
    )
    await owe(tx, notice, now, Priority.UPDATE, at=at)
    await owe(tx, notice, gathered, Priority.DIGEST, "gathered", at=at)


async def readers(tx: AsyncSession, update: Update, *, at: datetime, since: datetime | None = None) -> Select[int]:
    """To whom an update is sent at once. `since`: only those who were so by then, and not out of reach."""
    if update.corrects is None:
        found = at_once(about_commitment(update.commitment), at=at, since=since)
    else:
        theirs = got(await corrected_refs(tx, update), may_have_seen(by=since))
        found = theirs.where(CitizenRow.gone_at.is_(None)).distinct()
    if since is None:
        return found
    away = select(CitizenRow.id).where(CitizenRow.back_at > since)
    return found.where(found.selected_columns[0].not_in(away))


async def tell(tx: AsyncSession, citizen: CitizenId, subject: str, words: Both, *buttons: Button, at: datetime) -> None:
    """Owe one citizen something that is theirs alone, such as the answer to their suggestion."""
    await tell_all(tx, select(literal(citizen)), subject, words, *buttons, at=at)


async def tell_all(
    tx: AsyncSession, citizens: Select[int], subject: str, words: Both, *buttons: Button, at: datetime
) -> None:
    """Owe the same to all whom `citizens` finds, such as the supporters of a suggestion, whatever they follow."""
    notice = await write_notice(tx, "answer", subject, words, [_kept(button) for button in buttons], at=at)
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
        told = table.kind.in_(("answer", "suggestion")), table.subject.startswith(f"{subject}/", autoescape=True)
        stood = or_(*(column.contains(words, autoescape=True) for column in texts))
        covered = update(table).where(*told, stood)
        done = await tx.execute(
            covered.values({column.key: func.replace(column, words, cover) for column in texts}).returning(table.id)
        )
        found = bool(done.all()) or found
    return found


async def owe(
    tx: AsyncSession,
    notice: int,
    citizens: Select[int],
    priority: Priority,
    state: Literal["owed", "gathered"] = "owed",
    *,
    at: datetime,
) -> None:
    """One row a citizen, in one statement however many they are; nobody is owed the same notice twice.

    What a night has gathered for many is spread over the first half hour of the morning. A second statement moves it
    for those, much fewer, who have hours of their own.
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
        *(literal(value) for value in (state, 0, 0)),
    ).join(who, who.c[0] == CitizenRow.id)
    columns = ["notice_id", "citizen_id", "channel", "priority", "due_at", "state", "attempts", "uncertain"]
    await tx.execute(pg_insert(DeliveryRow).from_select(columns, rows).on_conflict_do_nothing())
    if state == "gathered":
        return
    await hold(tx, DeliveryRow.notice_id == notice, at=at)
    await defer(tx, "delivering:send_due", once="send_due")


async def expire(tx: AsyncSession, *, at: datetime) -> None:
    """End what is still owed of a notice past its expiry: it is not sent late.

    Each notice once; what is given back or tried again afterwards, `claim` ends.
    """
    past = update(NoticeRow).where(NoticeRow.expires_at <= at, ~NoticeRow.has_expired).values(has_expired=True)
    if notices := list(await tx.scalars(past.returning(NoticeRow.id))):
        owed = update(DeliveryRow).where(DeliveryRow.state.in_(WAITING), DeliveryRow.notice_id.in_(notices))
        await tx.execute(owed.values(state="expired", ended_at=at))


async def complete(tx: AsyncSession, *, at: datetime) -> None:
    """Owe what should be owed and is not.

    An update becomes public and is owed in one transaction, so only a backup put back or a hand in the database can
    have lost a row.
    """
    recent = select(NoticeRow).where(
        NoticeRow.kind.in_(KINDS), NoticeRow.created_at > at - COMPLETED_FOR, ~NoticeRow.has_expired
    )
    for notice in await tx.scalars(recent):
        update = await commitments.update_by_ref(tx, notice.subject)
        wanted = await readers(tx, update, at=at, since=notice.created_at)
        there = exists().where(DeliveryRow.notice_id == notice.id, DeliveryRow.citizen_id == CitizenRow.id)
        lost = select(CitizenRow.id).where(CitizenRow.id.in_(wanted), ~there)
        if await tx.scalar(lost.limit(1)) is not None:
            log.warning("delivery.completed", notice=notice.id)
            await owe(tx, notice.id, lost, Priority.UPDATE, at=at)


async def wake(tx: AsyncSession, *, at: datetime) -> None:
    """Turn rows that are due into jobs: updates to announce, deliveries to send."""
    await settle(tx, at=at)
    for update_id in await commitments.due_updates(tx, at=at):
        await defer(tx, "delivering:announce", once=f"announce:{update_id}", update_id=update_id)
    if next_decent_moment(at) != at:
        return
    goes = DeliveryRow.notice_id.not_in(paused())
    owed = exists().where(DeliveryRow.state == "owed", DeliveryRow.due_at <= at, goes)
    left = exists().where(DeliveryRow.state == "claimed", DeliveryRow.claimed_until <= at)
    if await tx.scalar(select(owed | left)):
        await defer(tx, "delivering:send_due", once="send_due")


async def write_notice(
    tx: AsyncSession,
    kind: str,
    subject: str,
    words: Both | None = None,
    choices: Sequence[dict[str, str]] = (),
    *,
    about: Sequence[str] = (),
    since: datetime | None = None,
    expires_at: datetime | None = None,
    at: datetime,
) -> int:
    """The row that deliveries are owed for; its id."""
    row = insert(NoticeRow).values(
        kind=kind,
        subject=subject,
        created_at=at,
        since=since,
        expires_at=expires_at,
        ko=words and words.ko,
        en=words and words.en,
        choices=[*choices] or None,
        about=[*about] or None,
    )
    return (await tx.execute(row.returning(NoticeRow.id))).scalar_one()


def _kept(button: Button) -> dict[str, str]:
    return {"value": button.value, **button.label.model_dump()}
