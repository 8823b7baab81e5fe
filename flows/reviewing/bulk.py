"""One act on many suggestions: first told what it would do, then done in one transaction."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from flows import suggesting
from flows.accounts import Staff
from flows.errors import Conflict, Invalid, Refused
from flows.reviewing.assigning import assign, release, take
from flows.reviewing.decision import decide
from flows.reviewing.sorting import publish, sort_under_commitment, sort_under_theme, unpublish
from flows.suggesting import Status, Suggestion
from flows.wording import N_

MOST_AT_ONCE = 100


class Act(StrEnum):
    """ASSIGN, COMMITMENT and THEME say whom or what: a colleague's id, a code, a theme; empty for none."""

    TAKE = "take"
    RELEASE = "release"
    REVIEW = "review"
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    ASSIGN = "assign"
    COMMITMENT = "commitment"
    THEME = "theme"


class NoneChosen(Invalid):
    field = "chosen"
    message = N_("Please choose at least one suggestion first.")


class TooManyChosen(Invalid):
    field = "chosen"
    message = N_("Please choose at most {most} suggestions at once.")


class FlaggedFirst(Conflict):
    message = N_("The suggestion {receipt} is flagged. Please read it before you publish it.")


@dataclass(frozen=True, slots=True)
class Batch:
    """What was done, and what was left out and why."""

    done: list[Suggestion] = field(default_factory=list)
    left_out: dict[str, Refused] = field(default_factory=dict)


async def rehearse(tx: AsyncSession, chosen: Mapping[str, int], act: Act, to: str, *, by: Staff, at: datetime) -> Batch:
    """What `act_on_all` would do now. Nothing of it stays. Raises the same."""
    async with tx.begin_nested() as trial:
        batch = await act_on_all(tx, chosen, act, to, by=by, at=at)
        await trial.rollback()
    return batch


async def act_on_all(
    tx: AsyncSession,
    chosen: Mapping[str, int],
    act: Act,
    to: str,
    *,
    by: Staff,
    at: datetime,
    pages: str | None = None,
) -> Batch:
    """Do one act to each of `chosen`, receipts with the version that the caller saw.

    What has changed since, or cannot be, is left out. `pages`: where the public reads suggestions.
    Raises NoneChosen, TooManyChosen.
    """
    if not chosen:
        raise NoneChosen
    if len(chosen) > MOST_AT_ONCE:
        raise TooManyChosen(most=MOST_AT_ONCE)
    batch = Batch()
    for receipt, seen in sorted(chosen.items()):  # in one order, so that two batches cannot wait for one another
        try:
            async with tx.begin_nested():
                batch.done.append(await _doing(tx, receipt, seen, act, to, by=by, at=at, pages=pages))
        except Refused as refused:
            batch.left_out[receipt] = refused
    return batch


def _doing(  # noqa: PLR0911  # one return an act
    tx: AsyncSession, receipt: str, seen: int, act: Act, to: str, *, by: Staff, at: datetime, pages: str | None
) -> Awaitable[Suggestion]:
    match act:
        case Act.TAKE:
            return take(tx, receipt, by=by, at=at, seen=seen)
        case Act.RELEASE:
            return release(tx, receipt, by=by, at=at, seen=seen)
        case Act.ASSIGN:
            return assign(tx, receipt, int(to), by=by, at=at, seen=seen)
        case Act.COMMITMENT:
            return sort_under_commitment(tx, receipt, to or None, by=by, at=at, seen=seen)
        case Act.THEME:
            return sort_under_theme(tx, receipt, to or None, by=by, at=at, seen=seen)
        case Act.PUBLISH:
            return _publish(tx, receipt, by=by, at=at, seen=seen)
        case Act.UNPUBLISH:
            return unpublish(tx, receipt, by=by, at=at, seen=seen)
        case Act.REVIEW:
            page = f"{pages}/{receipt}" if pages else None
            return _begin(tx, receipt, by=by, at=at, seen=seen, page=page)


async def _publish(tx: AsyncSession, receipt: str, *, by: Staff, at: datetime, seen: int) -> Suggestion:
    if (await suggesting.by_receipt(tx, receipt)).flags:
        raise FlaggedFirst(receipt=receipt)
    return await publish(tx, receipt, by=by, at=at, seen=seen)


async def _begin(tx: AsyncSession, receipt: str, *, by: Staff, at: datetime, seen: int, page: str | None) -> Suggestion:
    found = await suggesting.as_seen(tx, receipt, seen)
    return await decide(tx, receipt, Status.IN_REVIEW, None, seen=found.status, version=seen, by=by, at=at, page=page)
