"""What a suggestion belongs to, and whether the public sees it: what staff set without deciding anything."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, commitments, suggesting
from flows.accounts import Staff
from flows.city import city
from flows.errors import Conflict, Invalid
from flows.store.tables.suggesting import SuggestionRow
from flows.suggesting import ANSWERED, OPEN, Actor, Kind, Suggestion
from flows.wording import N_


class NothingToDo(Conflict):
    message = N_("Nothing would change: this is already so for the suggestion {receipt}.")


class NotPublishable(Conflict):
    message = N_("The suggestion {receipt} was merged, withdrawn or hidden, and is not shown to anybody.")


class AnsweredStays(Conflict):
    message = N_("The suggestion {receipt} has a public answer and stays public. An editor can hide it, with a reason.")


class NoSuchTheme(Invalid):
    field = "theme"
    message = N_("There is no such theme.")


async def sort_under_commitment(
    tx: AsyncSession, receipt: str, code: str | None, *, by: Staff, at: datetime, seen: int | None = None
) -> Suggestion:
    """Say which commitment a suggestion belongs to, None for none. `seen`: the version the caller saw, here and below.

    Raises NothingToDo, NoSuchCommitment, StatusMoved, NoSuchSuggestion.
    """
    if code is not None:
        await commitments.get(tx, code)
    return await _sort(tx, await suggesting.as_seen(tx, receipt, seen), "commitment", code, by=by, at=at)


async def sort_under_theme(
    tx: AsyncSession, receipt: str, theme: str | None, *, by: Staff, at: datetime, seen: int | None = None
) -> Suggestion:
    """Say which theme a suggestion belongs to. Raises NothingToDo, NoSuchTheme, StatusMoved, NoSuchSuggestion."""
    if theme is not None and theme not in city().themes:
        raise NoSuchTheme
    return await _sort(tx, await suggesting.as_seen(tx, receipt, seen), "theme", theme, by=by, at=at)


async def publish(tx: AsyncSession, receipt: str, *, by: Staff, at: datetime, seen: int | None = None) -> Suggestion:
    """Show a suggestion to everybody. Raises NothingToDo, NotPublishable, StatusMoved, NoSuchSuggestion."""
    wanted = await suggesting.as_seen(tx, receipt, seen)
    if wanted.status not in (*OPEN, *ANSWERED):
        raise NotPublishable(receipt=receipt)
    if wanted.published_at is not None:
        raise NothingToDo(receipt=receipt)
    return await _set(tx, wanted, Kind.PUBLISHED, "suggestion.published", by=by, at=at, published_at=at)


async def unpublish(tx: AsyncSession, receipt: str, *, by: Staff, at: datetime, seen: int | None = None) -> Suggestion:
    """Take a suggestion without an answer off the public list.

    Raises AnsweredStays, NothingToDo, StatusMoved, NoSuchSuggestion.
    """
    wanted = await suggesting.as_seen(tx, receipt, seen)
    if wanted.published_at is None:
        raise NothingToDo(receipt=receipt)
    if wanted.status not in OPEN:
        raise AnsweredStays(receipt=receipt)
    return await _set(tx, wanted, Kind.UNPUBLISHED, "suggestion.unpublished", by=by, at=at, published_at=None)


async def _sort(
    tx: AsyncSession, wanted: Suggestion, what: str, to: str | None, *, by: Staff, at: datetime
) -> Suggestion:
    before = getattr(wanted, what)
    if before == to:
        raise NothingToDo(receipt=wanted.receipt)
    facts = {what: before}, {what: to}
    return await _set(tx, wanted, Kind.SORTED, f"suggestion.{what}", by=by, at=at, words=to, facts=facts, **{what: to})


async def _set(
    tx: AsyncSession,
    wanted: Suggestion,
    kind: Kind,
    action: str,
    *,
    by: Staff,
    at: datetime,
    words: str | None = None,
    facts: tuple[dict[str, str | None], dict[str, str | None]] | tuple[None, None] = (None, None),
    **values: Any,  # columns of SuggestionRow, each of its own type
) -> Suggestion:
    changed = await suggesting.change(tx, wanted.receipt, SuggestionRow.version == wanted.version, at=at, **values)
    await suggesting.note(tx, wanted.id, kind, Actor.STAFF, staff=by.id, words=words, at=at)
    await accounts.audit(tx, by, action, wanted.receipt, before=facts[0], after=facts[1], at=at)
    return changed
