"""Suggestions counted: how many, about what, how soon they are answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import extract, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from flows.city import day, zone
from flows.store.tables.suggesting import SuggestionRow
from flows.suggesting.values import WAITING, Status

WEEKS = 26
A_WEEK = timedelta(weeks=1)

type Counted = dict[str | None, int]
type Column[T] = InstrumentedAttribute[T] | InstrumentedAttribute[T | None]


@dataclass(frozen=True, slots=True)
class Week:
    """From its Monday on. `answered` counts first answers given that week, whenever the suggestion came."""

    monday: date
    received: int
    answered: int


@dataclass(frozen=True, slots=True)
class Figures:
    """`in_time` of `answered_with_deadline` first answers came in time. Counts by key; None is “not given”."""

    total: int
    supports: int
    waiting: int
    overdue: int
    oldest_waiting: datetime | None
    answered: int
    median_days: float | None
    in_time: int
    answered_with_deadline: int
    weeks: Sequence[Week]
    by_status: Counted
    by_theme: Counted
    by_commitment: Counted
    by_lang: Counted
    by_channel: Counted


async def count(tx: AsyncSession, *, at: datetime) -> Figures:
    """All figures as of `at`; the weeks are the last 26 of the city's calendar, this one last."""
    waits, first_answer = SuggestionRow.status.in_(WAITING), SuggestionRow.answered_at - SuggestionRow.created_at
    whole = await tx.execute(
        select(
            func.count(),
            func.coalesce(func.sum(SuggestionRow.supports), 0),
            func.count().filter(waits),
            func.count().filter(waits, SuggestionRow.due_at <= at),
            func.min(SuggestionRow.created_at).filter(waits),
            func.count(SuggestionRow.answered_at),
            func.percentile_cont(0.5).within_group(extract("epoch", first_answer)),
            func.count().filter(SuggestionRow.answered_in_time.is_(True)),
            func.count(SuggestionRow.answered_in_time),
        ).select_from(SuggestionRow)
    )
    total, supports, waiting, overdue, oldest, answered, median_s, in_time, with_deadline = whole.one()
    by_status = await _by(tx, SuggestionRow.status)
    return Figures(
        total=total,
        supports=supports,
        waiting=waiting,
        overdue=overdue,
        oldest_waiting=oldest,
        answered=answered,
        median_days=None if median_s is None else float(median_s) / timedelta(days=1).total_seconds(),
        in_time=in_time,
        answered_with_deadline=with_deadline,
        weeks=await _weeks(tx, at),
        by_status={status: by_status[status] for status in Status if status in by_status},
        by_theme=await _by(tx, SuggestionRow.theme),
        by_commitment=await _by(tx, SuggestionRow.commitment),
        by_lang=await _by(tx, SuggestionRow.lang),
        by_channel=await _by(tx, SuggestionRow.channel),
    )


async def _weeks(tx: AsyncSession, at: datetime) -> list[Week]:
    this_monday = day(at) - timedelta(days=day(at).weekday())
    mondays = [this_monday - A_WEEK * ago for ago in reversed(range(WEEKS))]
    received = await _by_week(tx, SuggestionRow.created_at, mondays[0])
    answered = await _by_week(tx, SuggestionRow.answered_at, mondays[0])
    return [Week(monday, received.get(monday, 0), answered.get(monday, 0)) for monday in mondays]


async def _by_week(tx: AsyncSession, moment: Column[datetime], since: date) -> dict[date, int]:
    monday = func.date_trunc("week", func.timezone(str(zone()), moment))
    rows = select(monday, func.count()).where(moment.is_not(None)).where(monday >= since).group_by(monday)
    return {week.date(): count for week, count in await tx.execute(rows)}


async def _by(tx: AsyncSession, column: Column[str]) -> Counted:
    """The most frequent first."""
    rows = await tx.execute(select(column, func.count()).group_by(column).order_by(func.count().desc(), column))
    return {key: count for key, count in rows}  # noqa: C416  # rows are not the pairs that dict() knows
