"""Claim, send, record: a transaction, no transaction, a transaction.

A worker that dies between sending and recording leaves a claim; after its lease it is sent again. That is at most
`BATCH` messages, and the only case in which somebody may read one twice.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Protocol

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows import citizens, commitments
from flows.city import Both
from flows.commitments import Commitment
from flows.delivering.digests import digest
from flows.delivering.publishing import is_due
from flows.messages import Choice, CitizenId, Reply
from flows.store import Database
from flows.store.keeping import DEMO, kept
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.delivering import DeliveryRow, NoticeRow
from flows.subscribing import Follow, about_commitment, alert_langs, follows_of, nearest_for, next_decent_moment
from flows.wording import N_, Lang, as_lang, text

log = structlog.get_logger()

BATCH = 10
LEASE = timedelta(seconds=20)
ATTEMPTS = 8
RETRY_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message: an expected result, not an exception.

    `later`: try again after `retry_after`. `gone`: this person cannot be reached any more. `refused`: this message
    will never be taken.
    """

    kind: Literal["sent", "later", "gone", "refused"]
    retry_after: timedelta = RETRY_AFTER


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way to one citizen."""

    delivery: int
    citizen: CitizenId
    channel: str
    address: str
    lang: Lang
    kind: str
    subject: str
    reply: Reply


class Sender(Protocol):
    """What delivering needs of a channel: one message out, and what became of it."""

    async def send(self, parcel: Parcel) -> Outcome: ...


async def deliver_due(db: Database, senders: Mapping[str, Sender], now: Callable[[], datetime]) -> int:
    """Send what is due until nothing is, or the night begins. Returns how many were sent."""
    sent = 0
    while next_decent_moment(at := now()) == at:
        async with db.transaction() as tx:
            parcels = await _claim(tx, set(senders), at=at)
        if parcels is None:
            break
        by_citizen: dict[CitizenId, list[Parcel]] = {}
        for parcel in parcels:
            by_citizen.setdefault(parcel.citizen, []).append(parcel)
        async with asyncio.TaskGroup() as sending:
            tasks = [
                sending.create_task(_in_order(senders[theirs[0].channel], theirs)) for theirs in by_citizen.values()
            ]
        async with db.transaction() as tx:
            for parcel, outcome in (ended for task in tasks for ended in task.result()):
                sent += await _record(tx, parcel, outcome, at=now())
    return sent


async def status(tx: AsyncSession) -> dict[str, int]:
    """How many deliveries are in which state."""
    counted = select(DeliveryRow.state, func.count()).group_by(DeliveryRow.state).order_by(DeliveryRow.state)
    return dict((await tx.execute(counted)).all())


async def _in_order(sender: Sender, theirs: list[Parcel]) -> list[tuple[Parcel, Outcome]]:
    """One citizen's messages, one after the other: nobody hears of the end before the beginning.

    What holds up one holds up those behind it, without trying them: so a batch lasts no longer than its lease.
    """
    ended: list[tuple[Parcel, Outcome]] = []
    for parcel in theirs:
        last = ended[-1][1] if ended else None
        ended.append((parcel, last if last and last.kind in ("later", "gone") else await sender.send(parcel)))
    return ended


async def _claim(tx: AsyncSession, channels: set[str], *, at: datetime) -> list[Parcel] | None:
    """The next batch; None when nothing is due."""
    due = (
        select(DeliveryRow.id)
        .join(CitizenRow, CitizenRow.id == DeliveryRow.citizen_id)
        .where(is_due(at), CitizenRow.channel.in_(channels))
        .order_by(DeliveryRow.due_at, DeliveryRow.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=DeliveryRow)
    )
    claimed = (
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(due.scalar_subquery()))
        .values(state="claimed", claimed_until=at + LEASE, attempts=DeliveryRow.attempts + 1)
        .returning(DeliveryRow.id)
    )
    ids = list(await tx.scalars(claimed))
    if not ids:
        return None
    rows = await tx.execute(
        select(DeliveryRow, CitizenRow, NoticeRow)
        .join(CitizenRow, CitizenRow.id == DeliveryRow.citizen_id)
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
        .where(DeliveryRow.id.in_(ids))
        .order_by(DeliveryRow.id)
    )
    is_demo = await kept(tx, DEMO) is not None
    plan = {c.code: c for c in await commitments.all_of(tx)}
    waiting = list(rows)
    langs = await alert_langs(tx, [citizen.id for _, citizen, _ in waiting])
    parcels = []
    for delivery, citizen, notice in waiting:
        lang = langs.get(citizen.id, as_lang(citizen.lang))
        reply = await _written(tx, delivery, notice, plan, lang)
        if reply is None:
            dropped = update(DeliveryRow).where(DeliveryRow.id == delivery.id)
            await tx.execute(dropped.values(state="dropped", ended_at=at))
            continue
        if is_demo:
            reply = replace(reply, text=text(lang, N_("[Demonstration] {text}"), text=reply.text))
        parcels.append(_parcel(delivery.id, citizen, notice, reply, lang))
    return parcels


def _parcel(delivery: int, citizen: CitizenRow, notice: NoticeRow, reply: Reply, lang: Lang) -> Parcel:
    return Parcel(
        delivery=delivery,
        citizen=CitizenId(citizen.id),
        channel=citizen.channel,
        address=citizen.address,
        lang=lang,
        kind=notice.kind,
        subject=notice.subject,
        reply=reply,
    )


async def _written(
    tx: AsyncSession, delivery: DeliveryRow, notice: NoticeRow, plan: dict[str, Commitment], lang: Lang
) -> Reply | None:
    """The message as it reads now; None when the citizen has stopped following since it was owed."""
    if notice.kind == "digest":
        return await digest(tx, delivery.id, plan, lang)
    follows = await follows_of(tx, CitizenId(delivery.citizen_id))
    if notice.ko and notice.en:
        choices = [Choice(button[lang], button["value"]) for button in notice.choices or ()]
        if notice.about:
            followed = nearest_for(follows, notice.about)
            if followed is None:
                return None
            choices.append(Choice(text(lang, N_("Stop these alerts")), f"unsubscribe:{followed.commitment}"))
        return Reply(Both(ko=notice.ko, en=notice.en).of(lang), tuple(choices))
    return _news(notice.subject, plan, follows, lang)


def _news(ref: str, plan: dict[str, Commitment], follows: list[Follow], lang: Lang) -> Reply | None:
    code = ref.partition("/")[0]
    followed = nearest_for(follows, about_commitment(code))
    if followed is None:
        return None
    news = next(u for u in plan[code].updates if u.ref == ref).text.of(lang)
    said = text(lang, N_("News on “{title}”\n\n{news}"), title=plan[code].short.of(lang), news=news)
    how_far = Choice(text(lang, N_("How far it is")), f"commitment_status:{code}")
    return Reply(said, (how_far, Choice(text(lang, N_("Stop these alerts")), f"unsubscribe:{followed.commitment}")))


async def _record(tx: AsyncSession, parcel: Parcel, outcome: Outcome, *, at: datetime) -> bool:
    row = update(DeliveryRow).where(DeliveryRow.id == parcel.delivery, DeliveryRow.state == "claimed")
    match outcome.kind:
        case "later":
            ended = row.where(DeliveryRow.attempts >= ATTEMPTS).values(state="failed", ended_at=at)
            await tx.execute(ended)
            await tx.execute(row.values(state="owed", due_at=at + outcome.retry_after))
        case "gone":
            await citizens.mark_gone(tx, parcel.citizen, at=at)
            await tx.execute(row.values(state="gone", ended_at=at))
        case "refused":
            await tx.execute(row.values(state="failed", ended_at=at))
        case "sent":
            await tx.execute(row.values(state="sent", ended_at=at))
    log.info("delivery.ended", delivery=parcel.delivery, outcome=outcome.kind)
    return outcome.kind == "sent"
