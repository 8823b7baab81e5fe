"""What an author writes to staff after sending: the reply to their question, and why a decision is contested.

Both are steps of the dialogue, so that all that holds for the suggestion's text holds for them too.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from flows import delivering
from flows.city import Both, city
from flows.errors import Conflict, Refused
from flows.messages import Reply, Step, Turn, UnknownChoice
from flows.store.tables.suggesting import EventRow, SuggestionRow
from flows.suggesting.attachments import tie_files
from flows.suggesting.confirming import STEPS, cancel_choice, open_draft
from flows.suggesting.deadlines import answer_due
from flows.suggesting.history import note
from flows.suggesting.rows import LEAST_CHARS, StatusMoved, by_receipt, change, check_text, move, suggestion_of
from flows.suggesting.values import CONTESTABLE, Actor, Kind, Status, Suggestion
from flows.wording import N_, text
from flows.working_days import last_day

CONTEST, REPLY = f"{STEPS}contest", f"{STEPS}reply"


class ContestedAlready(Conflict):
    message = N_("You have objected to the decision on {receipt} before. That can be done once.")


class TooLateToContest(Conflict):
    message = N_("You can no longer object to the decision on {receipt}: that was possible for {days} days.")


class NothingAsked(Conflict):
    message = N_("Staff are not waiting for a reply about {receipt} any more.")


async def contest(turn: Turn) -> list[Reply]:
    """`contest:<receipt>` asks one's reason against a decision, or against being hidden."""
    s = await _own(turn)
    await _check_contestable(turn, s)
    return busy(turn) or await _begin(turn, CONTEST, s)


async def reply(turn: Turn) -> list[Reply]:
    """`reply:<receipt>` asks one's reply to what staff want to know."""
    s = await _own(turn)
    if s.status is not Status.AUTHOR_ASKED:
        raise NothingAsked(receipt=s.receipt)
    return busy(turn) or await _begin(turn, REPLY, s)


async def ask_contest(turn: Turn) -> list[Reply]:
    ask = N_(
        "Why should the city look at its decision on {receipt} again? Please write your reason in one message.\n\n"
        "Another member of staff will look at it. This can be done once."
    )
    return [turn.reply(ask, cancel_choice(turn), receipt=_receipt(turn))]


async def ask_reply(turn: Turn) -> list[Reply]:
    s = await by_receipt(turn.tx, _receipt(turn))
    ask = N_("Staff ask about your suggestion {receipt}:\n\n“{question}”\n\nPlease write your reply in one message.")
    return [turn.reply(ask, cancel_choice(turn), receipt=s.receipt, question=await question_to(turn.tx, s))]


async def take_contest(turn: Turn) -> list[Reply]:
    s = await by_receipt(turn.tx, _receipt(turn))
    reason = _written(turn, least=LEAST_CHARS)
    if isinstance(reason, Reply):
        return [reason]
    try:
        await _check_contestable(turn, s)
    except Refused as refused:
        return _ended(turn, refused)
    # Whoever decided gives it up: somebody else is to look.
    again = {"contested_at": turn.at, "assignee_id": None, "assigned_until": None}
    if s.status is Status.HIDDEN:  # it stays so until staff bring it back
        as_seen, due_at = SuggestionRow.status == s.status, answer_due(is_promised=False, at=turn.at)
        contested = await change(turn.tx, s.receipt, as_seen, at=turn.at, due_at=due_at, **again)
    else:
        contested = await _to_review(turn.tx, s, Actor.AUTHOR, at=turn.at, **again)
    await note(turn.tx, s.id, Kind.CONTESTED, Actor.AUTHOR, words=reason, at=turn.at)
    files = await tie_files(turn.tx, turn.citizen.id, s.id)
    turn.step = None
    done = N_("Another member of staff will look at {receipt} again. The city means to answer by {date}.")
    return [_done(turn, done, contested), *_told_of(turn, files)]


async def take_reply(turn: Turn) -> list[Reply]:
    s = await by_receipt(turn.tx, _receipt(turn))
    words = _written(turn, least=1)  # “yes” and “two” are replies
    if isinstance(words, Reply):
        return [words]
    if s.status is not Status.AUTHOR_ASKED:
        return _ended(turn, NothingAsked(receipt=s.receipt))
    replied = await _to_review(turn.tx, s, Actor.AUTHOR, at=turn.at)
    await note(turn.tx, s.id, Kind.REPLIED, Actor.AUTHOR, words=words, at=turn.at)
    files = await tie_files(turn.tx, turn.citizen.id, s.id)
    turn.step = None
    done = N_("Thank you. Staff have your reply about {receipt}. The city means to answer by {date}.")
    return [_done(turn, done, replied), *_told_of(turn, files)]


async def may_contest(tx: AsyncSession, s: Suggestion, *, at: datetime) -> bool:
    """Whether its author can still contest what was decided."""
    return s.status in CONTESTABLE and s.contested_at is None and at < await _contest_until(tx, s)


async def question_to(tx: AsyncSession, s: Suggestion) -> str:
    """What staff last asked its author; empty if that was erased."""
    asked = (
        select(EventRow.words)
        .where(EventRow.suggestion_id == s.id, EventRow.after == Status.AUTHOR_ASKED)
        .order_by(EventRow.id.desc())
        .limit(1)
    )
    return await tx.scalar(asked) or ""


async def end_waiting(tx: AsyncSession, *, at: datetime) -> None:
    """Go on without the authors who have not replied in time, and say so to them."""
    waiting = SuggestionRow.status == Status.AUTHOR_ASKED, SuggestionRow.due_at <= at
    late = select(SuggestionRow).where(*waiting).with_for_update(skip_locked=True)
    for s in [suggestion_of(row) for row in await tx.scalars(late)]:
        await _to_review(tx, s, Actor.CLOCK, at=at)
        if s.citizen is not None:
            subject = f"{s.receipt}/waited/{at.isoformat()}"
            await delivering.tell(tx, s.citizen, subject, _time_is_over(s.receipt), at=at)


async def _own(turn: Turn) -> Suggestion:
    """The citizen's own suggestion that a button names."""
    if len(turn.args) != 1:
        raise UnknownChoice
    s = await by_receipt(turn.tx, turn.args[0])
    if s.citizen != turn.citizen.id:
        raise UnknownChoice
    return s


async def _check_contestable(turn: Turn, s: Suggestion) -> None:
    if s.contested_at is not None:
        raise ContestedAlready(receipt=s.receipt)
    if s.status not in CONTESTABLE:
        raise StatusMoved(receipt=s.receipt)
    if turn.at >= await _contest_until(turn.tx, s):
        raise TooLateToContest(receipt=s.receipt, days=city().suggestions.contested_in_days)


async def _contest_until(tx: AsyncSession, s: Suggestion) -> datetime:
    decided = (
        select(EventRow.at)
        .where(EventRow.suggestion_id == s.id, EventRow.kind == Kind.MOVED, EventRow.after == s.status)
        .order_by(EventRow.id.desc())
        .limit(1)
    )
    return (await tx.scalar(decided) or s.changed_at) + timedelta(days=city().suggestions.contested_in_days)


async def _to_review(
    tx: AsyncSession,
    s: Suggestion,
    actor: Actor,
    *,
    at: datetime,
    **values: Any,  # columns of SuggestionRow, each of its own type
) -> Suggestion:
    """Staff owe an answer again."""
    moved, _ = await move(tx, s.receipt, s.status, Status.IN_REVIEW, actor=actor, at=at, **values)
    return moved


def _time_is_over(receipt: str) -> Both:
    said = N_("The time to reply to the staff about your suggestion {receipt} is over. They decide without your reply.")
    return Both.said(lambda lang: text(lang, said, receipt=receipt))


async def _begin(turn: Turn, step: str, s: Suggestion) -> list[Reply]:
    turn.step = Step(step, {"receipt": s.receipt})
    return await (ask_contest if step == CONTEST else ask_reply)(turn)


def is_for_staff(step: Step | None) -> bool:
    """Whether the citizen writes to staff, so that a question is for them and not for the bot."""
    return step is not None and step.waits_for in (CONTEST, REPLY)


def busy(turn: Turn) -> list[Reply] | None:
    """A draft is not thrown away for a button under an older message."""
    if turn.step is None or "text" not in turn.step.draft or not open_draft(turn.step):
        return None
    go_on = turn.choice(N_("Go on with my suggestion"), "submit_suggestion:resume")
    said = N_("You are writing a suggestion. Please send it or cancel it first, then press that button again.")
    return [turn.reply(said, go_on, cancel_choice(turn))]


def _written(turn: Turn, *, least: int) -> str | Reply:
    """The words as they are kept, or what is wrong with them."""
    try:
        return check_text(turn.text, least=least)
    except Refused as refused:
        return Reply(refused.said(turn.lang), (cancel_choice(turn),))


def _told_of(turn: Turn, files: int) -> list[Reply]:
    return [turn.reply(N_("Photos and documents sent with it: {count}"), count=files)] if files else []


def _done(turn: Turn, said: str, s: Suggestion) -> Reply:
    assert s.due_at is not None, "staff owe an answer again"
    see = turn.choice(N_("See its state"), f"suggestion_status:{s.receipt}")
    return turn.reply(said, see, receipt=s.receipt, date=turn.date(last_day(s.due_at)))


def _ended(turn: Turn, refused: Refused) -> list[Reply]:
    """Too late: staff, the clock or another of the citizen's chats was faster."""
    turn.step = None
    return [Reply(refused.said(turn.lang), (turn.choice(N_("My suggestions"), "my_suggestions"),))]


def _receipt(turn: Turn) -> str:
    assert turn.step is not None, "only called with an open step"
    return turn.step.draft["receipt"]
