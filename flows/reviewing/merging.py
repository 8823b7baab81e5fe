"""Duplicates: one suggestion goes on for both, and takes the supporters along."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, subscribing, suggesting
from flows.accounts import Staff
from flows.errors import Invalid
from flows.reviewing.decision import allowed
from flows.reviewing.news import news
from flows.suggesting import NOT_SHOWN, Actor, Kind, NoSuchSuggestion, Status, StatusMoved, Suggestion
from flows.wording import N_

MERGED = (
    N_(
        "Your suggestion {receipt} says the same as {target}, so they are one suggestion now. "
        "Your support counts for {target}."
    ),
    N_(
        "{receipt}, which you support, says the same as {target}, so they are one suggestion now. "
        "Your support counts for {target}."
    ),
)


class TargetMissing(Invalid):
    field = "target"
    message = N_("Please write the receipt number of the suggestion that stays.")


class TargetUnknown(Invalid):
    field = "target"
    message = N_("There is no suggestion with this receipt number.")


class TargetIsItself(Invalid):
    field = "target"
    message = N_("{target} is this suggestion itself, or was merged into it.")


class TargetGone(Invalid):
    field = "target"
    message = N_("{target} was withdrawn or hidden, so nothing can be merged into it.")


async def merge(
    tx: AsyncSession,
    receipt: str,
    into: str,
    *,
    by: Staff,
    at: datetime,
    seen: int | None = None,
    pages: str | None = None,
) -> Suggestion:
    """Let the suggestion with the receipt `into` go on for both; where that was merged itself, the last in line.

    Its supporters, and its author, support that one from now on and are told its receipt. `seen`: the version that
    the caller saw. `pages`: the address under which the public pages of suggestions are.
    Raises TargetMissing, TargetUnknown, TargetIsItself, TargetGone, NotFromHere, StatusMoved, NoSuchSuggestion.
    """
    s = await suggesting.as_seen(tx, receipt, seen)
    allowed(by, s.status, Status.MERGED)
    target = await _target(tx, s, into)
    await suggesting.hold(tx, s.id, target.id)
    if (await _target(tx, s, into)).id != target.id:
        raise StatusMoved(receipt=target.receipt)
    merged, line = await suggesting.move(
        tx,
        receipt,
        s.status,
        Status.MERGED,
        actor=Actor.STAFF,
        version=s.version,
        staff=by.id,
        merged_into=target.id,
        at=at,
    )
    await suggesting.note(tx, target.id, Kind.JOINED, Actor.STAFF, staff=by.id, words=receipt, at=at)
    await suggesting.carry_support(tx, merged, target, at=at)
    await subscribing.follow_instead(tx, receipt, target.receipt)
    facts = {"state": Status.MERGED, "into": target.receipt}
    await accounts.audit(tx, by, "suggestion.merged", receipt, before={"state": s.status}, after=facts, at=at)
    await accounts.audit(tx, by, "suggestion.joined", target.receipt, after={"merged": receipt}, at=at)
    page = pages and f"{pages}/{target.receipt}"
    own, others = (news(head, merged, page=page, target=target.receipt) for head in MERGED)
    await suggesting.tell_people(tx, merged, f"{receipt}/{line}", own, others, at=at)
    return merged


async def _target(tx: AsyncSession, s: Suggestion, into: str) -> Suggestion:
    if not into:
        raise TargetMissing
    try:
        target = await suggesting.going_on(tx, suggesting.read_receipt(into) or into)
    except NoSuchSuggestion:
        raise TargetUnknown from None
    if target.id == s.id:
        raise TargetIsItself(target=suggesting.read_receipt(into))
    if target.status in NOT_SHOWN:
        raise TargetGone(target=target.receipt)
    return target
