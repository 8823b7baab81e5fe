"""One decision on a suggestion: the state moves, the answer is published, the citizen is told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, delivering, suggesting
from flows.accounts import Staff
from flows.city import Both
from flows.errors import Conflict, Invalid
from flows.reviewing.states import NEEDS_ANSWER, NEXT
from flows.store.tables.accounts import StaffRow
from flows.store.tables.reviewing import ReviewRow
from flows.suggesting import Status, Suggestion
from flows.wording import LANGS, N_, Lang, text


class AnswerMissing(Invalid):
    field = "answer"
    message = N_("Please write the answer in Korean and in English: the citizen and the public will read it.")


class NotFromHere(Conflict):
    message = N_("This suggestion cannot go from “{before}” to “{after}”.")


@dataclass(frozen=True, slots=True)
class Review:
    """One line of a suggestion's history."""

    before: Status
    after: Status
    answer: Both | None
    by: str | None
    at: datetime


async def decide(
    tx: AsyncSession,
    receipt: str,
    to: Status,
    answer: Both | None,
    *,
    seen: Status,
    by: Staff,
    at: datetime,
    page: str | None = None,
) -> Suggestion:
    """Move a suggestion from the state that the reviewer saw, and owe its author the news.

    `answer`: public, in both languages; needed for every state that ends the waiting.
    `page`: the address where anybody can see its state, named in the message when there is one.
    Raises NotFromHere, AnswerMissing, StatusMoved (somebody else was first), NoSuchSuggestion.
    """
    if to not in NEXT[seen]:
        raise NotFromHere(before=seen.wording, after=to.wording)
    if to in NEEDS_ANSWER and not (answer and answer.ko.strip() and answer.en.strip()):
        raise AnswerMissing
    kept = answer if to in NEEDS_ANSWER else None
    moved = await suggesting.move(tx, receipt, seen, to, at=at, answer=kept)
    row = ReviewRow(
        suggestion_id=moved.id,
        staff_id=by.id,
        before=seen,
        after=to,
        answer_ko=kept and kept.ko,
        answer_en=kept and kept.en,
        at=at,
    )
    tx.add(row)
    await tx.flush()
    await accounts.audit(tx, by, f"suggestion.{to}", receipt, at=at)
    if moved.citizen is not None:
        words = Both(**{lang: _news(lang, moved, kept, page) for lang in LANGS})
        await delivering.tell(tx, moved.citizen, f"{receipt}/{row.id}", words, at=at)
    return moved


async def history(tx: AsyncSession, suggestion: Suggestion) -> list[Review]:
    """What was done to a suggestion, oldest first."""
    rows = await tx.execute(
        select(ReviewRow, StaffRow.email)
        .outerjoin(StaffRow, StaffRow.id == ReviewRow.staff_id)
        .where(ReviewRow.suggestion_id == suggestion.id)
        .order_by(ReviewRow.id)
    )
    return [
        Review(
            Status(row.before),
            Status(row.after),
            Both(ko=row.answer_ko, en=row.answer_en) if row.answer_ko and row.answer_en else None,
            email,
            row.at,
        )
        for row, email in rows
    ]


def _news(lang: Lang, suggestion: Suggestion, answer: Both | None, page: str | None) -> str:
    state = text(lang, suggestion.status.wording)
    lines = [text(lang, N_("About your suggestion {receipt}: {status}"), receipt=suggestion.receipt, status=state)]
    if answer:
        lines += [text(lang, N_("Answer of the city:")) + "\n" + answer.of(lang)]
    if page:
        lines += [page]
    return "\n\n".join(lines)
