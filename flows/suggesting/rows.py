"""Reading and writing suggestions."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both
from flows.errors import Conflict, Invalid, NotFound, TooMany
from flows.masking import mask
from flows.messages import CitizenId
from flows.store.tables.suggesting import SuggestionRow
from flows.suggesting.receipts import new_receipt
from flows.suggesting.values import OPEN, PUBLIC, Status, Suggestion
from flows.wording import N_, Lang, as_lang

LEAST_CHARS, MOST_CHARS = 5, 2_000
A_DAY, MOST_A_DAY = timedelta(days=1), 20
PAGE = 20


class NoSuchSuggestion(NotFound):
    message = N_("There is no suggestion with the receipt number {receipt}. Please check the number.")


class StatusMoved(Conflict):
    message = N_("The suggestion {receipt} has changed in the meantime. Please look at it again.")


class TooShort(Invalid):
    field = "text"
    message = N_("Please write at least {least} characters, so that staff can understand your suggestion.")


class TooLong(Invalid):
    field = "text"
    message = N_("Please keep your suggestion to {most} characters. Yours has {length}.")


class TooManyToday(TooMany):
    message = N_("You have sent {most} suggestions in one day. Please come back tomorrow.")


def check_text(text: str) -> str:
    """`text` as it will be stored: personal data masked. Raises TooShort, TooLong."""
    if len(text) < LEAST_CHARS:
        raise TooShort(least=LEAST_CHARS)
    if len(text) > MOST_CHARS:
        raise TooLong(most=MOST_CHARS, length=len(text))
    return mask(text)


async def submit(
    tx: AsyncSession,
    citizen: CitizenId,
    text: str,
    lang: Lang,
    *,
    at: datetime,
    commitment: str | None = None,
    theme: str | None = None,
) -> Suggestion:
    """Keep a suggestion and give it a receipt.

    `text`: as written, up to 2,000 characters; personal data is masked before it is stored.
    Repeating it with the same text within a day returns the first one.
    Raises TooShort, TooLong, TooManyToday.
    """
    masked = check_text(text)
    today = await mine(tx, citizen, since=at - A_DAY)
    same = next((s for s in today if s.text == masked and s.status is not Status.WITHDRAWN), None)
    if same:
        return same
    if len(today) >= MOST_A_DAY:
        raise TooManyToday(A_DAY, most=MOST_A_DAY)
    row = SuggestionRow(
        receipt=new_receipt(),
        citizen_id=citizen,
        lang=lang,
        text=masked,
        commitment=commitment,
        theme=theme,
        status=Status.RECEIVED,
        created_at=at,
        changed_at=at,
    )
    tx.add(row)
    await tx.flush()
    return _suggestion(row)


async def rewrite(tx: AsyncSession, citizen: CitizenId, receipt: str, text: str, *, at: datetime) -> Suggestion:
    """Replace the text of one's own suggestion. Raises StatusMoved once staff have begun to read it."""
    moved = (
        update(SuggestionRow)
        .where(
            SuggestionRow.receipt == receipt,
            SuggestionRow.citizen_id == citizen,
            SuggestionRow.status == Status.RECEIVED,
        )
        .values(text=check_text(text), changed_at=at)
        .returning(SuggestionRow)
    )
    row = await tx.scalar(moved)
    if row is None:
        raise StatusMoved(receipt=receipt)
    return _suggestion(row)


async def move(
    tx: AsyncSession, receipt: str, seen: Status, to: Status, *, at: datetime, answer: Both | None = None
) -> Suggestion:
    """Change the state that the caller saw; `answer` takes the place of the public one.

    Raises StatusMoved when somebody else was first.
    """
    values: dict[str, Any] = {"status": to, "changed_at": at}
    if answer:
        values |= {"answer_ko": answer.ko, "answer_en": answer.en}
    moved = (
        update(SuggestionRow)
        .where(SuggestionRow.receipt == receipt, SuggestionRow.status == seen)
        .values(values)
        .returning(SuggestionRow)
    )
    row = await tx.scalar(moved)
    if row is None:
        raise StatusMoved(receipt=receipt)
    return _suggestion(row)


async def by_receipt(tx: AsyncSession, receipt: str) -> Suggestion:
    """The suggestion with this receipt. Raises NoSuchSuggestion."""
    row = await tx.scalar(select(SuggestionRow).where(SuggestionRow.receipt == receipt))
    if row is None:
        raise NoSuchSuggestion(receipt=receipt)
    return _suggestion(row)


async def mine(tx: AsyncSession, citizen: CitizenId, *, since: datetime | None = None) -> list[Suggestion]:
    """A citizen's own, newest first."""
    rows = select(SuggestionRow).where(SuggestionRow.citizen_id == citizen).order_by(SuggestionRow.id.desc())
    if since is not None:
        rows = rows.where(SuggestionRow.created_at > since)
    return [_suggestion(row) for row in await tx.scalars(rows)]


async def published(tx: AsyncSession, *, before: int | None = None, limit: int = PAGE) -> list[Suggestion]:
    """Those that staff have answered, newest first; `before` is the id to go on from."""
    return await search(tx, statuses=PUBLIC, before=before, limit=limit)


async def search(
    tx: AsyncSession,
    *,
    statuses: tuple[Status, ...] = (),
    commitment: str | None = None,
    theme: str | None = None,
    words: str = "",
    before: int | None = None,
    limit: int | None = PAGE,
) -> list[Suggestion]:
    """Suggestions that fit every filter given, newest first; all of them with `limit=None`."""
    rows = select(SuggestionRow).order_by(SuggestionRow.id.desc()).limit(limit)
    if statuses:
        rows = rows.where(SuggestionRow.status.in_(statuses))
    if commitment:
        rows = rows.where(SuggestionRow.commitment == commitment)
    if theme:
        rows = rows.where(SuggestionRow.theme == theme)
    if words:
        rows = rows.where(SuggestionRow.text.icontains(words, autoescape=True) | (SuggestionRow.receipt == words))
    if before is not None:
        rows = rows.where(SuggestionRow.id < before)
    return [_suggestion(row) for row in await tx.scalars(rows)]


async def counts(tx: AsyncSession) -> dict[Status, int]:
    """How many suggestions are in which state."""
    counted = select(SuggestionRow.status, func.count()).group_by(SuggestionRow.status)
    return {Status(status): count for status, count in await tx.execute(counted)}


async def disown(tx: AsyncSession, citizen: CitizenId, *, at: datetime) -> None:
    """Cut the tie between a citizen and their suggestions; those not yet answered are taken back and emptied."""
    own = update(SuggestionRow).where(SuggestionRow.citizen_id == citizen)
    await tx.execute(
        own.where(SuggestionRow.status.in_((*OPEN, Status.WITHDRAWN))).values(
            status=Status.WITHDRAWN, text="", changed_at=at
        )
    )
    await tx.execute(own.values(citizen_id=None))


def _suggestion(row: SuggestionRow) -> Suggestion:
    answered = row.answer_ko is not None and row.answer_en is not None
    return Suggestion(
        id=row.id,
        receipt=row.receipt,
        citizen=CitizenId(row.citizen_id) if row.citizen_id is not None else None,
        lang=as_lang(row.lang),
        text=row.text,
        commitment=row.commitment,
        theme=row.theme,
        status=Status(row.status),
        answer=Both(ko=row.answer_ko or "", en=row.answer_en or "") if answered else None,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
