"""The next messages of a channel, in the words in which they are sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from flows import commitments
from flows.city import Both
from flows.commitments import Titles, Versions
from flows.delivering.correcting import needless
from flows.delivering.digests import digest, told_in
from flows.delivering.holding import gather_for, put_off, waits_until
from flows.delivering.news import correction_of, news_of
from flows.delivering.parcels import Parcel
from flows.delivering.pausing import paused
from flows.messages import Choice, CitizenId, Reply
from flows.store.keeping import DEMO, kept
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.delivering import DeliveryRow, NoticeRow
from flows.subscribing import Follow, Settings, follows_of_all, nearest_for, settings_of_all
from flows.wording import N_, Lang, as_lang, text

BATCH = 100
LEASE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the messages of one batch are written from."""

    titles: Titles
    updates: Versions
    told: Mapping[int | None, list[NoticeRow]]  # in a digest, by its delivery
    follows: Mapping[CitizenId, list[Follow]]
    settings: Mapping[int, Settings]  # of those who have chosen any
    is_demo: bool


async def give_back(tx: AsyncSession, *, at: datetime) -> None:
    """Owe again what a worker claimed and did not live to end: it may have arrived."""
    late = update(DeliveryRow).where(DeliveryRow.state == "claimed", DeliveryRow.claimed_until <= at)
    await tx.execute(late.values(state="owed", uncertain=DeliveryRow.uncertain + 1))


async def claim(tx: AsyncSession, channel: str, *, at: datetime) -> list[Parcel] | None:
    """The next batch of a channel, the most urgent first and one message a person; None when nothing is due."""
    await give_back(tx, at=at)
    due = (
        select(DeliveryRow.id)
        .where(
            DeliveryRow.channel == channel,
            DeliveryRow.state == "owed",
            DeliveryRow.due_at <= at,
            DeliveryRow.notice_id.not_in(paused()),
            ~_waits_for_another(),
        )
        .order_by(DeliveryRow.priority, DeliveryRow.due_at, DeliveryRow.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    until = at + LEASE
    claimed = (
        update(DeliveryRow)
        .where(DeliveryRow.id.in_(due.scalar_subquery()))
        .values(state="claimed", claimed_until=until, attempts=DeliveryRow.attempts + 1)
        .returning(DeliveryRow.id)
    )
    ids = list(await tx.scalars(claimed))
    if not ids:
        return None
    rows = (
        await tx.execute(
            select(DeliveryRow.id, DeliveryRow.attempts, DeliveryRow.uncertain, CitizenRow, NoticeRow)
            .join(CitizenRow, CitizenRow.id == DeliveryRow.citizen_id)
            .join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
            .where(DeliveryRow.id.in_(ids))
            .order_by(DeliveryRow.priority, DeliveryRow.due_at, DeliveryRow.id)
            .with_for_update(read=True, of=NoticeRow)  # waits where a correction holds it back
        )
    ).all()
    known = await _known(tx, rows)
    told_otherwise = await needless(tx, rows, known.updates, at=at)
    parcels, unwanted, late = list[Parcel](), list[int](), list[int]()
    waiting, resting = list[tuple[int, datetime]](), list[CitizenId]()
    for delivery, attempt, _, citizen, notice in rows:
        reader, settings = CitizenId(citizen.id), known.settings.get(citizen.id)
        lang = (settings and settings.lang) or as_lang(citizen.lang)
        if notice.expires_at is not None and notice.expires_at <= at:
            late.append(delivery)
        elif delivery in told_otherwise:
            unwanted.append(delivery)
        elif settings and (free_at := waits_until(settings, at, until)):
            waiting.append((delivery, free_at))
            if settings.is_paused(at):
                resting.append(reader)
        elif (reply := _written(delivery, notice, known, reader, lang)) is None:
            unwanted.append(delivery)
        else:
            parcels.append(
                Parcel(
                    delivery=delivery,
                    notice=notice.id,
                    citizen=reader,
                    channel=channel,
                    address=citizen.address,
                    lang=lang,
                    kind=notice.kind,
                    subject=notice.subject,
                    reply=reply,
                    attempt=attempt,
                    until=until,
                )
            )
    for state, ended in (("dropped", unwanted), ("expired", late)):
        if ended:
            ending = update(DeliveryRow).where(DeliveryRow.id.in_(ended))
            await tx.execute(ending.values(state=state, ended_at=at))
    if waiting:
        await put_off(tx, waiting)
    if resting:
        await gather_for(tx, resting)
    return parcels


def _waits_for_another() -> ColumnElement[bool]:
    """Whether a message of the same person is in the air, or goes before this one.

    The states stand in one list so that only the index by citizen fits. After a million rows are owed, and before the
    database has counted them, it would else walk all of those by state, for each message.
    """
    other = aliased(DeliveryRow)
    order = tuple_(other.priority, other.due_at, other.id)
    goes_before = and_(
        order < tuple_(DeliveryRow.priority, DeliveryRow.due_at, DeliveryRow.id),
        other.notice_id.not_in(paused()),
    )
    return exists().where(
        other.citizen_id == DeliveryRow.citizen_id,
        other.state.in_(("claimed", "owed")),
        or_(other.state == "claimed", goes_before),
    )


async def _known(tx: AsyncSession, rows: Sequence[Any]) -> _Known:  # rows of a delivery, a citizen and a notice
    """No more than these messages need, in as many statements however many they are."""
    digests = [row.id for row in rows if row.NoticeRow.kind == "digest"]
    told = await told_in(tx, digests) if digests else {}
    notices = [row.NoticeRow for row in rows] + [notice for bundled in told.values() for notice in bundled]
    refs = {notice.subject for notice in notices if notice.kind in ("update", "correction")}
    citizens = [row.CitizenRow.id for row in rows]
    updates = await commitments.versions_of(tx, refs) if refs else Versions()
    return _Known(
        titles=await commitments.titles_of(tx, updates) if refs else Titles(),
        updates=updates,
        told=told,
        follows=await follows_of_all(tx, citizens),
        settings=await settings_of_all(tx, citizens),
        is_demo=await kept(tx, DEMO) is not None,
    )


def _written(delivery: int, notice: NoticeRow, known: _Known, citizen: CitizenId, lang: Lang) -> Reply | None:
    """The message as it reads now; None when the citizen has stopped following since it was owed."""
    reply = _said(delivery, notice, known, known.follows.get(citizen, []), lang)
    if reply is None or not known.is_demo:
        return reply
    return replace(reply, text=text(lang, N_("[Demonstration] {text}"), text=reply.text))


def _said(delivery: int, notice: NoticeRow, known: _Known, follows: list[Follow], lang: Lang) -> Reply | None:
    match notice.kind:
        case "update":
            return news_of(notice.subject, known.titles, known.updates, follows, lang)
        case "correction":
            return correction_of(notice.subject, known.titles, known.updates, follows, lang)
        case "digest":
            return digest(known.told.get(delivery, ()), known.titles, known.updates, lang)
    assert notice.ko and notice.en, "a personal notice carries its own words"
    choices = [Choice(button[lang], button["value"]) for button in notice.choices or ()]
    if notice.about:
        followed = nearest_for(follows, notice.about)
        if followed is None:
            return None
        choices.append(Choice(text(lang, N_("Stop these alerts")), f"unsubscribe:{followed.commitment}"))
    return Reply(Both(ko=notice.ko, en=notice.en).of(lang), tuple(choices))
