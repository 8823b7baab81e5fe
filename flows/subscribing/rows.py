"""The rows of who follows what."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.messages import CitizenId
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.subscribing import FollowRow
from flows.wording import N_

ALL = "all"


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
    """`commitment` is a code, or ALL."""

    commitment: str
    frequency: Frequency


def as_code(written: str) -> str:
    """A commitment's code, or ALL, as a link may have it: in any case."""
    return ALL if written.lower() == ALL else written.upper()


async def follow(tx: AsyncSession, citizen: CitizenId, wanted: Follow, *, at: datetime) -> None:
    """Follow, or change how often. Following all takes the place of following single commitments."""
    if wanted.commitment == ALL:
        await unfollow(tx, citizen, ALL)
    row = insert(FollowRow).values(
        citizen_id=citizen, commitment=wanted.commitment, frequency=wanted.frequency, since=at
    )
    await tx.execute(
        row.on_conflict_do_update(index_elements=["citizen_id", "commitment"], set_={"frequency": wanted.frequency})
    )


async def unfollow(tx: AsyncSession, citizen: CitizenId, commitment: str) -> int:
    """Stop following one commitment, or everything (ALL). Returns how many follows ended."""
    mine = delete(FollowRow).where(FollowRow.citizen_id == citizen)
    if commitment != ALL:
        mine = mine.where(FollowRow.commitment == commitment)
    return len((await tx.scalars(mine.returning(FollowRow.commitment))).all())


async def follows_of(tx: AsyncSession, citizen: CitizenId) -> list[Follow]:
    rows = await tx.scalars(select(FollowRow).where(FollowRow.citizen_id == citizen).order_by(FollowRow.commitment))
    return [Follow(row.commitment, Frequency(row.frequency)) for row in rows]


async def follows_of_all(tx: AsyncSession, citizens: Sequence[int]) -> dict[CitizenId, list[Follow]]:
    """What each of these follows; who follows nothing is left out."""
    theirs: dict[CitizenId, list[Follow]] = defaultdict(list)
    for row in await tx.scalars(select(FollowRow).where(FollowRow.citizen_id.in_(citizens))):
        theirs[CitizenId(row.citizen_id)].append(Follow(row.commitment, Frequency(row.frequency)))
    return theirs


def followers(frequency: Frequency, commitments: set[str], *, gone: bool = False) -> Select[int]:
    """Ids of the reachable citizens who want to hear of one of `commitments` at this frequency; or of the `gone`.

    A follow of the commitment itself counts before one of all: who follows it weekly is not told at once.
    """
    wanted = select(FollowRow.citizen_id).join(CitizenRow, CitizenRow.id == FollowRow.citizen_id)
    return wanted.where(
        CitizenRow.gone_at.is_not(None) if gone else CitizenRow.gone_at.is_(None),
        FollowRow.frequency == frequency,
        or_(*(_wants(commitment) for commitment in sorted(commitments))),
    ).distinct()


def frequency_for(follows: list[Follow], commitment: str) -> Frequency | None:
    """How often somebody with these follows wants to hear of a commitment; None: not at all."""
    by_code = {f.commitment: f.frequency for f in follows}
    return by_code.get(commitment, by_code.get(ALL))


def _wants(commitment: str) -> ColumnElement[bool]:
    own = select(FollowRow.citizen_id).where(FollowRow.commitment == commitment)
    through_all = (FollowRow.commitment == ALL) & FollowRow.citizen_id.not_in(own)
    return (FollowRow.commitment == commitment) | through_all
