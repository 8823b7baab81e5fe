"""One decision on a suggestion: the state moves, the answer is published, its author and supporters are told."""

import re
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, suggesting
from flows.accounts import Role, Staff
from flows.city import Both, city
from flows.errors import Invalid, NotAllowed
from flows.reviewing import second_reader
from flows.reviewing.contested import check_fresh_eyes
from flows.reviewing.news import answer_news, correction_news, objection
from flows.store.tables.suggesting import SuggestionRow
from flows.suggesting import (
    ANSWERED,
    CONTESTABLE,
    Actor,
    Kind,
    Move,
    Need,
    NotFromHere,
    Status,
    StatusMoved,
    Suggestion,
    move_between,
)
from flows.wording import LANGS, N_, Lang, text

ANSWER_MOST_CHARS = 4_000
PLACEHOLDER = re.compile(r"\{\w+\}")


class AnswerMissing(Invalid):
    field = "answer"
    message = N_("Please write the answer in Korean and in English: the citizen and the public will read it.")


class AnswerTooLong(Invalid):
    message = N_("Please keep the answer to {most} characters. This one has {length}.")


class PlaceholderLeft(Invalid):
    """A template was used that has something to fill in by hand."""

    message = N_("Please put something in the place of {placeholder}.")


class SameAnswer(Invalid):
    field = "answer"
    message = N_("This is the answer as it is now.")


class NotYours(NotAllowed):
    """`after` is a state."""

    message = N_("Your role may not take a suggestion to “{after}”.")

    def said(self, lang: Lang) -> str:
        return text(lang, self.message, after=text(lang, Status(str(self.params["after"])).wording))


async def decide(
    tx: AsyncSession,
    receipt: str,
    to: Status,
    answer: Both | None,
    *,
    seen: Status,
    by: Staff,
    at: datetime,
    version: int | None = None,
    page: str | None = None,
) -> Suggestion:
    """Move a suggestion from the state (and the version) that was seen, and owe people the news.

    `answer`: public, in both languages; needed for every state that ends the waiting. Where the city wants a second
    reader, an answer is only proposed, and the suggestion stays as it was.
    `page`: the address of its public page, named in the message when there is one.
    Raises NotFromHere, NotYours, AnswerMissing, AnswerTooLong, PlaceholderLeft, DecidedBefore, DecisionWaits,
    StatusMoved (somebody else was first), NoSuchSuggestion.
    """
    move = allowed(by, seen, to)
    if move.needs not in (Need.NOTHING, Need.ANSWER):
        raise NotFromHere(before=seen, after=to)  # what asks, merges, hides or brings back stands elsewhere
    kept = None
    if move.needs is Need.ANSWER:
        kept = checked(answer)
        s = await suggesting.as_seen(tx, receipt, version)
        if s.status is not seen:
            raise StatusMoved(receipt=receipt)
        await check_fresh_eyes(tx, s, by, Role.REVIEWER)
        if city().suggestions.second_reader:
            return await second_reader.propose(tx, s, to, kept, by=by, at=at)
    return await carry_out(tx, receipt, to, kept, seen=seen, version=version, maker=by, by=by, at=at, page=page)


async def correct(
    tx: AsyncSession,
    receipt: str,
    answer: Both | None,
    *,
    by: Staff,
    at: datetime,
    seen: int | None = None,
    page: str | None = None,
) -> Suggestion:
    """Put another answer in the place of the one that was sent; both stay in the history, with their dates.

    `seen`: the version that the caller saw. Raises what `decide` raises, and SameAnswer.
    """
    s = await suggesting.as_seen(tx, receipt, seen)
    if s.status not in ANSWERED:
        raise NotFromHere(before=s.status, after=s.status)
    kept = checked(answer)
    if kept == s.answer:
        raise SameAnswer
    if city().suggestions.second_reader:
        return await second_reader.propose(tx, s, s.status, kept, by=by, at=at)
    return await carry_out(
        tx, receipt, s.status, kept, seen=s.status, version=s.version, maker=by, by=by, at=at, page=page
    )


async def approve(
    tx: AsyncSession, receipt: str, *, proposed_at: datetime, by: Staff, at: datetime, page: str | None = None
) -> Suggestion:
    """Let what a colleague proposed take effect, exactly as it was read.

    Raises NothingProposed, OwnProposal, NotYours, DecidedBefore, StatusMoved, NoSuchSuggestion.
    """
    s = await suggesting.by_receipt(tx, receipt)
    proposal = await second_reader.taken(tx, s, proposed_at=proposed_at, by=by)
    if proposal.to is not s.status:
        allowed(by, s.status, proposal.to)
    await check_fresh_eyes(tx, s, by, Role.REVIEWER)
    return await carry_out(
        tx,
        receipt,
        proposal.to,
        proposal.answer,
        seen=proposal.before,
        version=proposal.version,
        maker=proposal.by,
        by=by,
        at=at,
        page=page,
    )


async def carry_out(
    tx: AsyncSession,
    receipt: str,
    to: Status,
    answer: Both | None,
    *,
    seen: Status,
    version: int | None,
    maker: Staff,
    by: Staff,
    at: datetime,
    page: str | None,
) -> Suggestion:
    """What `maker` decided and `by` signs: the same person, unless the city wants a second reader."""
    signed = {"proposed_by": maker.called} if maker != by else {}
    if to is seen:
        return await _correct(tx, receipt, answer, version=version, maker=maker, by=by, at=at, page=page, **signed)
    moved, line = await suggesting.move(
        tx, receipt, seen, to, actor=Actor.STAFF, version=version, staff=maker.id, public=answer, at=at
    )
    await accounts.audit(
        tx, by, f"suggestion.{to}", receipt, before={"state": seen}, after={"state": to, **signed}, at=at
    )
    own, others = answer_news(moved, to, answer, page=page)
    may_object = moved.status in CONTESTABLE and moved.contested_at is None
    objecting = [objection(receipt, N_("Object to this decision"))] if may_object else []
    await suggesting.tell_people(tx, moved, f"{receipt}/{line}", own, others, *objecting, at=at)
    return moved


def allowed(by: Staff, seen: Status, to: Status) -> Move:
    """The move, if this member of staff may make it; bringing back has a function of its own.

    Raises NotFromHere, NotYours.
    """
    move = move_between(seen, to)
    if move is None or move.role is None or (seen is Status.HIDDEN and to is not Status.HIDDEN):
        raise NotFromHere(before=seen, after=to)
    if not by.role.covers(move.role):
        raise NotYours(after=to)
    return move


def checked(answer: Both | None) -> Both:
    """An answer that can be sent. Raises AnswerMissing, AnswerTooLong, PlaceholderLeft."""
    if answer is None or not (answer.ko.strip() and answer.en.strip()):
        raise AnswerMissing
    for lang in LANGS:
        written = answer.of(lang)
        refused: Invalid | None = None
        if len(written) > ANSWER_MOST_CHARS:
            refused = AnswerTooLong(most=ANSWER_MOST_CHARS, length=len(written))
        elif left := PLACEHOLDER.search(written):
            refused = PlaceholderLeft(placeholder=left[0])
        if refused:
            refused.field = f"answer_{lang}"
            raise refused
    return answer


async def _correct(
    tx: AsyncSession,
    receipt: str,
    answer: Both | None,
    *,
    version: int | None,
    maker: Staff,
    by: Staff,
    at: datetime,
    page: str | None,
    **signed: str,
) -> Suggestion:
    assert answer is not None, "a correction is checked to have words"
    now = {"answer_ko": answer.ko, "answer_en": answer.en}
    changed = await suggesting.change(tx, receipt, SuggestionRow.version == version, at=at, **now)
    line = await suggesting.note(tx, changed.id, Kind.CORRECTED, Actor.STAFF, staff=maker.id, public=answer, at=at)
    await accounts.audit(tx, by, "suggestion.corrected", receipt, after=signed or None, at=at)
    own, others = correction_news(changed, answer, page=page)
    await suggesting.tell_people(tx, changed, f"{receipt}/{line}", own, others, at=at)
    return changed
