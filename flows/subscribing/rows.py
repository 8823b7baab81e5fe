"""The rows of who follows what."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, Subquery, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import city
from flows.messages import CitizenId
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.subscribing import AlertSettingsRow, FollowRow
from flows.wording import N_

ALL, THEME = "all", "theme-"


class Frequency(StrEnum):
    INSTANT = "instant"
    WEEKLY = "weekly"
    MONTHLY = "monthly"

    @property
    def wording(self) -> str:
        return FREQUENCY_WORDING[self]


FREQUENCY_WORDING = {
    Frequency.INSTANT: N_("As it happens"),
    Frequency.WEEKLY: N_("Once a week"),
    Frequency.MONTHLY: N_("Once a month"),
}


@dataclass(frozen=True, slots=True)
class Follow:
    """`commitment` is a code, ALL, THEME and a theme's name, or the receipt of a suggestion."""

    commitment: str
    frequency: Frequency


def as_code(written: str) -> str:
    """What is followed, as a link may have it: in any case."""
    lowered = written.lower()
    return lowered if lowered == ALL or lowered.startswith(THEME) else written.upper()


def about_commitment(code: str) -> tuple[str, ...]:
    """What one may follow to be told of a commitment's news, the nearest first: it decides how often."""
    return (code, *(f"{THEME}{theme}" for theme in city().themes_of(code)), ALL)


def about_suggestion(receipts: Collection[str], theme: str | None, commitment: str | None) -> tuple[str, ...]:
    """The same for the moves of a suggestion: itself, its theme, the themes of its commitment.

    ALL is all commitments, whose followers did not ask for suggestions.
    """
    themes = dict.fromkeys([*([theme] if theme else []), *(city().themes_of(commitment) if commitment else ())])
    return (*receipts, *(f"{THEME}{name}" for name in themes))


async def follow(tx: AsyncSession, citizen: CitizenId, wanted: Follow, *, at: datetime) -> None:
    """Follow, or change how often. Following all takes the place of following single commitments."""
    if wanted.commitment == ALL:
        others = FollowRow.commitment.startswith(THEME) | FollowRow.commitment.startswith(f"{city().receipt_prefix}-")
        await tx.execute(delete(FollowRow).where(FollowRow.citizen_id == citizen, ~others))
    row = insert(FollowRow).values(
        citizen_id=citizen, commitment=wanted.commitment, frequency=wanted.frequency, since=at
    )
    await tx.execute(
        row.on_conflict_do_update(index_elements=["citizen_id", "commitment"], set_={"frequency": wanted.frequency})
    )


async def unfollow(tx: AsyncSession, citizen: CitizenId, commitment: str) -> int:
    """Stop following one thing, or everything (ALL). Returns how many follows ended."""
    mine = delete(FollowRow).where(FollowRow.citizen_id == citizen)
    if commitment != ALL:
        mine = mine.where(FollowRow.commitment == commitment)
    return len((await tx.scalars(mine.returning(FollowRow.commitment))).all())


async def follow_instead(tx: AsyncSession, merged: str, into: str) -> None:
    """Whoever follows the suggestion `merged` follows the one that goes on for both."""
    already = select(FollowRow.citizen_id).where(FollowRow.commitment == into)
    moved = update(FollowRow).where(FollowRow.commitment == merged, FollowRow.citizen_id.not_in(already))
    await tx.execute(moved.values(commitment=into).execution_options(synchronize_session=False))
    await tx.execute(delete(FollowRow).where(FollowRow.commitment == merged))


async def follows_of(tx: AsyncSession, citizen: CitizenId) -> list[Follow]:
    rows = await tx.scalars(select(FollowRow).where(FollowRow.citizen_id == citizen).order_by(FollowRow.commitment))
    return [Follow(row.commitment, Frequency(row.frequency)) for row in rows]


async def follows_of_all(tx: AsyncSession, citizens: Sequence[int]) -> dict[CitizenId, list[Follow]]:
    """What each of these follows; who follows nothing is left out."""
    theirs: dict[CitizenId, list[Follow]] = defaultdict(list)
    for row in await tx.scalars(select(FollowRow).where(FollowRow.citizen_id.in_(citizens))):
        theirs[CitizenId(row.citizen_id)].append(Follow(row.commitment, Frequency(row.frequency)))
    return theirs


async def count_followers(tx: AsyncSession, commitment: str) -> dict[Frequency, int]:
    """How many citizens hear of a commitment at which frequency, whatever they follow it by."""
    nearest = _nearest(about_commitment(commitment))
    counted = await tx.execute(select(nearest.c.frequency, func.count()).group_by(nearest.c.frequency))
    found: dict[str, int] = dict(counted.all())
    return {frequency: found.get(frequency, 0) for frequency in Frequency}


def at_once(about: Sequence[str], *, at: datetime, since: datetime | None = None) -> Select[int]:
    """Ids of the reachable citizens who want to hear of something at once, and have not paused their alerts.

    `since`: only those who have wanted it for longer than that.
    `about` is what one may follow to be told of it, the nearest first. The nearest that somebody follows decides: who
    follows a commitment weekly is not told at once because of following all.
    """
    nearest = _nearest(about)
    now = select(nearest.c.citizen_id).where(_is_now(nearest, at))
    return now if since is None else now.where(nearest.c.since < since)


def later(about: Sequence[str], *, at: datetime) -> Select[int]:
    """The same of those who are to find it in a digest: by their own choice, or because they have paused."""
    nearest = _nearest(about)
    return select(nearest.c.citizen_id).where(~_is_now(nearest, at))


def gone_followers(about: Sequence[str]) -> Select[int]:
    """Ids of those who follow it and cannot be reached any more."""
    following = select(FollowRow.citizen_id).join(CitizenRow, CitizenRow.id == FollowRow.citizen_id)
    return following.where(CitizenRow.gone_at.is_not(None), FollowRow.commitment.in_(about)).distinct()


def nearest_for(follows: Collection[Follow], about: Sequence[str]) -> Follow | None:
    """The follow that decides how often somebody hears of something, and that stops it."""
    mine = {f.commitment: f for f in follows}
    return next((mine[subject] for subject in about if subject in mine), None)


def _nearest(about: Sequence[str]) -> Subquery:
    order = case({subject: place for place, subject in enumerate(about)}, value=FollowRow.commitment)
    return (
        select(FollowRow.citizen_id, FollowRow.frequency, FollowRow.since)
        .join(CitizenRow, CitizenRow.id == FollowRow.citizen_id)
        .where(CitizenRow.gone_at.is_(None), FollowRow.commitment.in_(about))
        .ext(distinct_on(FollowRow.citizen_id))
        .order_by(FollowRow.citizen_id, order)
        .subquery()
    )


def _is_now(nearest: Subquery, at: datetime) -> ColumnElement[bool]:
    paused = select(AlertSettingsRow.citizen_id).where(AlertSettingsRow.resumes_at > at)
    return (nearest.c.frequency == Frequency.INSTANT) & nearest.c.citizen_id.not_in(paused)
