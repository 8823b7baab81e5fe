"""What a citizen has chosen of their alerts: days and hours, a pause, the language; and how to undo the last change."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.messages import CitizenId
from flows.store.tables.subscribing import AlertSettingsRow, FollowRow
from flows.subscribing.quiet import Hours, Quiet
from flows.subscribing.rows import Follow, Frequency, follow, follows_of
from flows.subscribing.times import Times
from flows.wording import LANGS, Lang

DONE = {Frequency.WEEKLY: AlertSettingsRow.weekly_done, Frequency.MONTHLY: AlertSettingsRow.monthly_done}


@dataclass(frozen=True, slots=True)
class Settings:
    """`resumes_at`: paused until then. `lang`: of what is sent; None: as the citizen speaks."""

    times: Times = field(default_factory=Times)
    hours: Hours = field(default_factory=Hours)
    resumes_at: datetime | None = None
    lang: Lang | None = None

    def is_paused(self, at: datetime) -> bool:
        return self.resumes_at is not None and self.resumes_at > at


@dataclass(frozen=True, slots=True)
class Before:
    """What the last change can be undone to."""

    settings: Settings
    follows: tuple[Follow, ...]


async def settings_of(tx: AsyncSession, citizen: CitizenId) -> Settings:
    row = await tx.get(AlertSettingsRow, citizen, populate_existing=True)
    return read_settings(row) if row else Settings()


async def settings_of_all(tx: AsyncSession, citizens: Sequence[int]) -> dict[int, Settings]:
    """What each of these has chosen; who has chosen nothing is left out."""
    rows = await tx.scalars(select(AlertSettingsRow).where(AlertSettingsRow.citizen_id.in_(citizens)))
    return {row.citizen_id: read_settings(row) for row in rows}


async def change(tx: AsyncSession, citizen: CitizenId, wanted: Settings, *, at: datetime) -> None:
    """Keep these settings. What was owed before is moved to the new hours; a new time of day holds from now on."""
    now = await settings_of(tx, citizen)
    if now.resumes_at and wanted.resumes_at is None:  # what the pause has held is told
        wanted = replace(wanted, resumes_at=at)
    kept = {**_columns(wanted), "settled": False}
    if wanted.times != now.times:
        kept |= {"weekly_done": at, "monthly_done": at}
    row = insert(AlertSettingsRow).values({"citizen_id": citizen, "weekly_done": at, "monthly_done": at, **kept})
    await tx.execute(row.on_conflict_do_update(index_elements=["citizen_id"], set_=kept))


async def remember(tx: AsyncSession, citizen: CitizenId, *, at: datetime) -> None:
    """Keep how things are, to be undone to after the change that comes now."""
    settings, follows = await settings_of(tx, citizen), await follows_of(tx, citizen)
    before = {
        "follows": {f.commitment: f.frequency for f in follows},
        **{name: _plain(value) for name, value in _columns(settings).items()},
    }
    row = insert(AlertSettingsRow).values(
        {"citizen_id": citizen, "weekly_done": at, "monthly_done": at, **_columns(settings), "before": before}
    )
    await tx.execute(row.on_conflict_do_update(index_elements=["citizen_id"], set_={"before": before}))


async def undo(tx: AsyncSession, citizen: CitizenId, *, at: datetime) -> bool:
    """Bring back what was before the last change, which is then itself what can be undone; False: there was none."""
    before = await before_of(tx, citizen)
    if before is None:
        return False
    await remember(tx, citizen, at=at)
    await change(tx, citizen, before.settings, at=at)
    await tx.execute(delete(FollowRow).where(FollowRow.citizen_id == citizen))
    for was in before.follows:
        await follow(tx, citizen, was, at=at)
    if any(was.frequency is Frequency.INSTANT for was in before.follows):
        await tell_what_was_held(tx, citizen, at=at)
    return True


async def before_of(tx: AsyncSession, citizen: CitizenId) -> Before | None:
    kept = await tx.scalar(select(AlertSettingsRow.before).where(AlertSettingsRow.citizen_id == citizen))
    if not kept:
        return None
    columns = {name: value for name, value in kept.items() if name != "follows"}
    for name in ("digest_at", "quiet_from", "quiet_until"):
        columns[name] = time.fromisoformat(columns[name]) if columns[name] else None
    if columns["resumes_at"]:
        columns["resumes_at"] = datetime.fromisoformat(columns["resumes_at"])
    follows = tuple(Follow(subject, Frequency(often)) for subject, often in kept["follows"].items())
    return Before(read_settings(AlertSettingsRow(**columns)), follows)


async def tell_what_was_held(tx: AsyncSession, citizen: CitizenId, *, at: datetime) -> None:
    """From now on at once: what waits for a digest is told now, in one."""
    settings = await settings_of(tx, citizen)
    if settings.resumes_at is None:
        await change(tx, citizen, replace(settings, resumes_at=at), at=at)


async def unsettled(tx: AsyncSession) -> dict[CitizenId, Settings]:
    """Whose settings have changed since this was last asked: what they are owed already is to be moved."""
    changed = update(AlertSettingsRow).where(~AlertSettingsRow.settled).values(settled=True)
    rows = await tx.scalars(changed.returning(AlertSettingsRow), execution_options={"populate_existing": True})
    return {CitizenId(row.citizen_id): read_settings(row) for row in rows}


async def resumed(tx: AsyncSession, *, at: datetime) -> list[int]:
    """Whose pause is over; each is named once."""
    over = update(AlertSettingsRow).where(AlertSettingsRow.resumes_at <= at).values(resumes_at=None)
    return list(await tx.scalars(over.returning(AlertSettingsRow.citizen_id)))


async def times_come(tx: AsyncSession, frequency: Frequency, *, at: datetime) -> list[Select[int]]:
    """Those of whom a time of their own has come since it was last asked, by that time."""
    row, done, come = AlertSettingsRow, DONE[frequency], []
    chosen = (row.weekday, row.month_day, row.digest_at, row.zone)
    times = select(*chosen, func.min(done)).where(own_times(frequency)).group_by(*chosen)
    for weekday, month_day, clock, where, longest_ago in (await tx.execute(times)).all():
        own = weekday, month_day, clock, where
        slot = Times(*own).last(frequency, at)
        if longest_ago >= slot:
            continue
        theirs = and_(*(column.is_not_distinct_from(value) for column, value in zip(chosen, own, strict=True)))
        due = update(row).where(own_times(frequency), theirs, done < slot).values({done: slot})
        if (await tx.scalars(due.returning(row.citizen_id))).first() is not None:
            come.append(select(row.citizen_id).where(theirs, done == slot))
    return come


def own_times(frequency: Frequency) -> ColumnElement[bool]:
    """Whether digests of this frequency come at other times than the city's rule sends them to everybody."""
    day = AlertSettingsRow.weekday if frequency is Frequency.WEEKLY else AlertSettingsRow.month_day
    return or_(day.is_not(None), AlertSettingsRow.digest_at.is_not(None))


def own_hours() -> ColumnElement[bool]:
    """Whether somebody's messages may have to wait beyond the city's night."""
    row = AlertSettingsRow
    return or_(row.zone.is_not(None), row.quiet_from.is_not(None), ~row.weekends, row.resumes_at.is_not(None))


def read_settings(row: AlertSettingsRow) -> Settings:
    """The settings that a row holds."""
    quiet = Quiet(row.quiet_from, row.quiet_until) if row.quiet_from and row.quiet_until else None
    return Settings(
        Times(row.weekday, row.month_day, row.digest_at, row.zone),
        Hours(quiet, row.weekends, row.zone),
        row.resumes_at,
        next((lang for lang in LANGS if lang == row.lang), None),
    )


def _columns(s: Settings) -> dict[str, Any]:
    return {
        "weekday": s.times.weekday,
        "month_day": s.times.month_day,
        "digest_at": s.times.clock,
        "zone": s.hours.zone,
        "quiet_from": s.hours.quiet and s.hours.quiet.start,
        "quiet_until": s.hours.quiet and s.hours.quiet.end,
        "weekends": s.hours.weekends,
        "lang": s.lang,
        "resumes_at": s.resumes_at,
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, time | datetime) else value
