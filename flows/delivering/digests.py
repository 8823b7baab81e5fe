"""Several updates as one message, for those who want to hear weekly or monthly."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import accumulate

from sqlalchemy import ColumnElement, any_, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from flows import subscribing
from flows.city import Both, day
from flows.commitments import Titles, Versions
from flows.delivering.news import digest_line
from flows.delivering.publishing import Priority, owe, write_notice
from flows.messages import Choice, Reply
from flows.store.queue import defer
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.delivering import DeliveryRow, NoticeRow
from flows.store.tables.subscribing import AlertSettingsRow, FollowRow
from flows.subscribing import ALL, Frequency, own_times
from flows.wording import N_, Lang, text, written_date

# Told in one digest; the others are counted. So long it takes two messages of Telegram, which go a second apart.
ITEMS_MOST, CHARS_MOST = 30, 6_000


async def gather(tx: AsyncSession, frequency: Frequency, *, after: datetime, until: datetime) -> None:
    """Queue the digest of what moved in that time."""
    await defer(
        tx,
        "delivering:compile_digest",
        frequency=frequency,
        after=after.isoformat(),
        until=until.isoformat(),
    )


async def compile_digest(tx: AsyncSession, frequency: Frequency, after: datetime, until: datetime) -> None:
    """Owe one edition to everybody for whom something was gathered at this frequency, save at times of their own.

    Nothing gathered: no edition. `after`: when the last one went out.
    """
    others = select(AlertSettingsRow.citizen_id).where(own_times(frequency) | (AlertSettingsRow.resumes_at > until))
    subject = await _edition(tx, f"{frequency}/{day(until)}")
    await _bundle(tx, subject, DeliveryRow.citizen_id.not_in(others), frequency, since=after, at=until)
    await _drop_unfollowed(tx, at=until)


async def digests_due(tx: AsyncSession, frequencies: Sequence[Frequency], *, at: datetime) -> None:
    """Owe their digests to those whose own day and hour has come, and to those whose pause is over.

    `frequencies`: those at which digests go out; the others are switched off.
    """
    if resumed := await subscribing.resumed(tx, at=at):
        await _bundle(tx, f"held/{at.isoformat()}", DeliveryRow.citizen_id.in_(resumed), None, at=at)
    for frequency in frequencies:
        for number, theirs in enumerate(await subscribing.times_come(tx, frequency, at=at)):
            paused = select(AlertSettingsRow.citizen_id).where(AlertSettingsRow.resumes_at > at)
            whose = DeliveryRow.citizen_id.in_(theirs) & DeliveryRow.citizen_id.not_in(paused)
            await _bundle(tx, f"{frequency}/{at.isoformat()}/{number}", whose, frequency, at=at)


async def told_in(tx: AsyncSession, digests: Collection[int]) -> dict[int | None, list[NoticeRow]]:
    """What each of these messages tells, the newest first; left out is what its reader has stopped following."""
    still = (FollowRow.citizen_id == DeliveryRow.citizen_id) & (FollowRow.commitment == any_(NoticeRow.about))
    rows = (
        select(DeliveryRow.digest_id, NoticeRow)
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
        .where(DeliveryRow.digest_id.in_(digests), exists().where(still))
        .order_by(NoticeRow.created_at.desc(), NoticeRow.id.desc())
    )
    told: dict[int | None, list[NoticeRow]] = defaultdict(list)
    for digest, notice in await tx.execute(rows):
        told[digest].append(notice)
    return told


def digest(notices: Sequence[NoticeRow], titles: Titles, known: Versions, lang: Lang) -> Reply | None:
    """One citizen's digest of these, the newest first, grouped by what they are about; None when there are none."""
    if not notices:
        return None
    groups: dict[str, list[str]] = {}
    items = _items(notices, titles, known, lang)
    lengths = accumulate(len(title) + len(line) for title, line in items[:ITEMS_MOST])
    told_of = sum(length <= CHARS_MOST for length in lengths)
    for title, line in items[:told_of]:
        groups.setdefault(title, []).append(line)
    parts = [text(lang, N_("What has moved in the meantime:"))]
    parts += ["\n".join([title, *lines]) for title, lines in groups.items()]
    if (left := len(items) - told_of) > 0:
        parts.append(text(lang, N_("And {count} older ones. “Latest news” shows them."), count=left))
    buttons = (
        (N_("Latest news"), "latest_updates"),
        (N_("What I follow"), "subscription_settings"),
        (N_("Stop all alerts"), f"unsubscribe:{ALL}"),
    )
    return Reply("\n\n".join(parts), tuple(Choice(text(lang, label), value) for label, value in buttons))


def _items(notices: Sequence[NoticeRow], titles: Titles, known: Versions, lang: Lang) -> list[tuple[str, str]]:
    """For each, under which title it stands, and its line.

    Of an update that is corrected in the same digest only the correction stands there, and to its reader that is news.
    """
    here = {update.id for notice in notices if (update := known.get(notice.subject))}
    items: list[tuple[str, str]] = []
    for notice in notices:
        update = known.get(notice.subject)
        if update is None:
            on = written_date(lang, day(notice.created_at).isoformat())
            said = Both(ko=notice.ko or "", en=notice.en or "").of(lang).partition("\n\n")[0]
            items.append((text(lang, N_("Suggestions")), f"· {on}: {said}"))
        elif update.corrected_by not in here:
            is_correction = update.corrects is not None and update.corrects not in here
            line = digest_line(known.standing(update), lang, is_correction=is_correction)
            items.append((titles.commitments[update.commitment].of(lang), line))
    return items


async def _bundle(
    tx: AsyncSession,
    subject: str,
    whose: ColumnElement[bool],
    frequency: Frequency | None,
    *,
    since: datetime | None = None,
    at: datetime,
) -> None:
    """Owe one message to each of them for whom something was gathered, and tie to it what it tells.

    `frequency` is that of the follow that decides on an item; None: whatever it is. An item is tied once, so nothing
    is told twice, and what is not tied stays gathered, so nothing is lost.
    """
    decides = func.array_position(NoticeRow.about, FollowRow.commitment)
    nearest = (
        select(DeliveryRow.id, DeliveryRow.citizen_id, FollowRow.frequency)
        .join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
        .join(CitizenRow, CitizenRow.id == DeliveryRow.citizen_id)
        .join(FollowRow, (FollowRow.citizen_id == CitizenRow.id) & (FollowRow.commitment == any_(NoticeRow.about)))
        .where(DeliveryRow.state == "gathered", CitizenRow.gone_at.is_(None), whose)
        .ext(distinct_on(DeliveryRow.id))
        .order_by(DeliveryRow.id, decides)
        .subquery()
    )
    # Whoever has begun to follow something at once since it was gathered finds it in the digest that comes next.
    of_them = [nearest.c.frequency.in_((frequency, Frequency.INSTANT))] if frequency else []
    if await tx.scalar(select(nearest.c.id).where(*of_them).limit(1)) is None:
        return
    notice = await write_notice(tx, "digest", subject, since=since, at=at)
    await owe(tx, notice, select(nearest.c.citizen_id).where(*of_them).distinct(), Priority.DIGEST, at=at)
    message = aliased(DeliveryRow)
    told = (message.notice_id == notice) & (message.citizen_id == nearest.c.citizen_id) & (message.state == "owed")
    tied = update(DeliveryRow).where(DeliveryRow.id == nearest.c.id, told, *of_them)
    await tx.execute(
        tied.values(state="bundled", digest_id=message.id, ended_at=at).execution_options(synchronize_session=False)
    )


async def _edition(tx: AsyncSession, name: str) -> str:
    """What an edition is called: `name`, numbered where the day has had one, as when staff send one out of turn."""
    those = or_(NoticeRow.subject == name, NoticeRow.subject.startswith(f"{name}-", autoescape=True))
    before = await tx.scalar(select(func.count()).where(NoticeRow.kind == "digest", those))
    return f"{name}-{before + 1}" if before else name


async def _drop_unfollowed(tx: AsyncSession, *, at: datetime) -> None:
    """What was gathered for somebody who has stopped following it since."""
    wanted = (FollowRow.citizen_id == DeliveryRow.citizen_id) & (FollowRow.commitment == any_(NoticeRow.about))
    left = update(DeliveryRow).where(DeliveryRow.state == "gathered", NoticeRow.id == DeliveryRow.notice_id)
    dropped = left.where(~exists().where(wanted)).values(state="dropped", ended_at=at)
    await tx.execute(dropped.execution_options(synchronize_session=False))
