"""Asking the author for more (보완 요청). Until they reply or their time is over, the clock of staff stands still."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, delivering, suggesting
from flows.accounts import Staff
from flows.city import Both
from flows.errors import Conflict, Invalid
from flows.reviewing.decision import allowed
from flows.reviewing.news import news
from flows.suggesting import Actor, Status, Suggestion
from flows.wording import N_, text, written_date
from flows.working_days import last_day

QUESTION_MOST_CHARS = 1_000


class QuestionMissing(Invalid):
    field = "question"
    message = N_("Please write what you need to know from the author.")


class QuestionTooLong(Invalid):
    field = "question"
    message = N_("Please keep the question to {most} characters. This one has {length}.")


class AuthorGone(Conflict):
    message = N_("The author of {receipt} had their data erased and cannot be asked.")


async def ask_author(
    tx: AsyncSession,
    receipt: str,
    question: str,
    *,
    by: Staff,
    at: datetime,
    seen: int | None = None,
) -> Suggestion:
    """Ask the author, in the language that they wrote in, and tell them until when to reply.

    `seen`: the version that the caller saw.
    Raises QuestionMissing, QuestionTooLong, AuthorGone, NotFromHere, NotYours, StatusMoved, NoSuchSuggestion.
    """
    s = await suggesting.as_seen(tx, receipt, seen)
    allowed(by, s.status, Status.AUTHOR_ASKED)
    if not question:
        raise QuestionMissing
    if len(question) > QUESTION_MOST_CHARS:
        raise QuestionTooLong(most=QUESTION_MOST_CHARS, length=len(question))
    asked, line = await suggesting.move(
        tx,
        receipt,
        s.status,
        Status.AUTHOR_ASKED,
        actor=Actor.STAFF,
        version=s.version,
        staff=by.id,
        words=question,
        at=at,
    )
    if asked.citizen is None or asked.due_at is None:
        raise AuthorGone(receipt=receipt)
    until = last_day(asked.due_at)
    await accounts.audit(
        tx,
        by,
        "suggestion.author_asked",
        receipt,
        before={"state": s.status},
        after={"state": Status.AUTHOR_ASKED, "until": until.isoformat()},
        at=at,
    )
    said = news(
        N_("City staff ask you about your suggestion {receipt}:"),
        asked,
        Both(ko=question, en=question),
        Both.said(lambda lang: text(lang, N_("Please reply by {date}."), date=written_date(lang, until.isoformat()))),
    )
    reply = delivering.Button.saying(N_("Reply to staff"), f"reply:{receipt}")
    await delivering.tell(tx, asked.citizen, f"{receipt}/{line}", said, reply, at=at)
    return asked
