"""Before an update is sent: who will get it, who will not and why, and when it will be finished."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import zone
from flows.commitments import Update
from flows.delivering.correcting import corrected_refs, got, may_have_seen
from flows.delivering.pausing import WAITING, paused
from flows.delivering.progress import IN_DIGESTS
from flows.delivering.publishing import Priority, readers
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.delivering import DeliveryRow
from flows.store.tables.subscribing import AlertSettingsRow
from flows.subscribing import (
    QUIET,
    Frequency,
    about_commitment,
    count_followers,
    gone_followers,
    later,
    next_decent_moment,
)
from flows.wording import N_, Lang, as_lang


class LeftOut(StrEnum):
    """Why somebody who follows, or got what is corrected, gets no message of their own at once."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    PAUSED = "paused"
    NOT_YET = "not_yet"
    GONE = "gone"
    UNCONNECTED = "unconnected"

    @property
    def wording(self) -> str:
        return LEFT_OUT_WORDING[self]


LEFT_OUT_WORDING = {
    LeftOut.WEEKLY: N_("Wanted it weekly: it stands in their next digest"),
    LeftOut.MONTHLY: N_("Wanted it monthly: it stands in their next digest"),
    LeftOut.PAUSED: N_("Have paused their alerts: they find it in one digest afterwards"),
    LeftOut.NOT_YET: N_("Have not got the first one yet: they get the corrected text only"),
    LeftOut.GONE: N_("Blocked the bot or left: they cannot be reached"),
    LeftOut.UNCONNECTED: N_("Their channel is not connected here, so that nothing can be sent to it"),
}


@dataclass(frozen=True, slots=True)
class Forecast:
    """What sending an update would mean. `is_night`: it was asked for in the quiet hours and waits for their end."""

    reached: dict[tuple[str, Lang], int]
    left_out: dict[LeftOut, int]
    starts_at: datetime
    ends_at: datetime
    is_night: bool

    @property
    def count(self) -> int:
        return sum(self.reached.values())


async def forecast(tx: AsyncSession, update: Update, per_second: Mapping[str, float], *, at: datetime) -> Forecast:
    """What would become of `update`, were it sent at `at`.

    `per_second`: how many messages a channel takes in a second, for each channel that is connected. Who has quiet
    hours of their own, or is held up by a channel that says so, may get it later than is said here.
    """
    counted = await _by_channel(tx, await readers(tx, update, at=at))
    reached = {(channel, lang): n for (channel, lang), n in counted.items() if channel in per_second}
    left_out = await _left_out(tx, update, at=at)
    left_out[LeftOut.UNCONNECTED] = sum(counted.values()) - sum(reached.values())
    starts_at = next_decent_moment(at)
    in_channel = await _ahead(tx, {channel for channel, _ in reached}, by=starts_at)
    for (channel, _), n in reached.items():
        in_channel[channel] += n
    takes_s = max((n / per_second[channel] for channel, n in in_channel.items()), default=0.0)
    ends_at = end_of_sending(starts_at, timedelta(seconds=takes_s))
    return Forecast(reached, {why: n for why, n in left_out.items() if n}, starts_at, ends_at, starts_at > at)


def end_of_sending(start: datetime, takes: timedelta) -> datetime:
    """When that much sending is done, the nights left out."""
    while True:
        start = next_decent_moment(start)
        night = datetime.combine(start.astimezone(zone()).date(), QUIET.start, zone())
        if start + takes <= night:
            return start + takes
        takes, start = takes - (night - start), night


async def _by_channel(tx: AsyncSession, citizens: Select[int]) -> dict[tuple[str, Lang], int]:
    lang = func.coalesce(AlertSettingsRow.lang, CitizenRow.lang)
    counted = select(CitizenRow.channel, lang, func.count()).where(CitizenRow.id.in_(citizens))
    settled = counted.outerjoin(AlertSettingsRow, AlertSettingsRow.citizen_id == CitizenRow.id)
    grouped = settled.group_by(CitizenRow.channel, lang).order_by(CitizenRow.channel, lang)
    return {(channel, as_lang(lang)): n for channel, lang, n in await tx.execute(grouped)}


async def _ahead(tx: AsyncSession, channels: Collection[str], *, by: datetime) -> Counter[str]:
    """How many messages go out before, on each of these channels."""
    waiting = (DeliveryRow.state == "owed") & (DeliveryRow.due_at <= by) & DeliveryRow.notice_id.not_in(paused())
    before = waiting & (DeliveryRow.priority <= Priority.UPDATE) & DeliveryRow.channel.in_(channels)
    counted = select(DeliveryRow.channel, func.count()).where(before).group_by(DeliveryRow.channel)
    return Counter(dict((await tx.execute(counted)).all()))


async def _left_out(tx: AsyncSession, update: Update, *, at: datetime) -> dict[LeftOut, int]:
    if update.corrects is not None:
        refs = await corrected_refs(tx, update)
        waits = DeliveryRow.state.in_((*WAITING, *IN_DIGESTS)) & ~may_have_seen()
        waiting = got(refs, waits).where(CitizenRow.gone_at.is_(None)).distinct()
        gone = got(refs).where(CitizenRow.gone_at.is_not(None)).distinct()
        return {LeftOut.NOT_YET: await _count(tx, waiting), LeftOut.GONE: await _count(tx, gone)}
    about = about_commitment(update.commitment)
    often = await count_followers(tx, update.commitment)
    weekly, monthly = often[Frequency.WEEKLY], often[Frequency.MONTHLY]
    return {
        LeftOut.WEEKLY: weekly,
        LeftOut.MONTHLY: monthly,
        LeftOut.PAUSED: await _count(tx, later(about, at=at)) - weekly - monthly,
        LeftOut.GONE: await _count(tx, gone_followers(about)),
    }


async def _count(tx: AsyncSession, citizens: Select[int]) -> int:
    return await tx.scalar(select(func.count()).select_from(citizens.subquery())) or 0
