"""Support (공감): one of each citizen for a suggestion, what many of them set going, and who is told of it.

Support is no edit and raises no version: otherwise staff could never save a popular suggestion.
"""

from datetime import datetime, timedelta

from sqlalchemy import CTE, ColumnElement, Select, delete, exists, func, literal, select, union, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows import delivering
from flows.city import Both, city
from flows.delivering import Button
from flows.errors import Conflict
from flows.messages import CitizenId
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.suggesting import EventRow, SuggestionRow, SupportRow
from flows.subscribing import about_suggestion
from flows.suggesting.deadlines import answer_due
from flows.suggesting.history import note
from flows.suggesting.rows import by_id, by_receipt, change, suggestion_of
from flows.suggesting.said import excerpt
from flows.suggesting.values import ANSWERED, OPEN, SUPPORTABLE, Actor, Kind, Status, Suggestion
from flows.wording import N_, Lang, text, written_date
from flows.working_days import last_day


class NotSupportable(Conflict):
    """It is not public, or there is nothing left that the city has to do."""

    message = N_("{receipt} cannot be supported: it is not public, or the city has given its final answer.")


class OwnSuggestion(Conflict):
    message = N_("{receipt} is your own suggestion. Support counts what others think of it.")


async def support(tx: AsyncSession, citizen: CitizenId, receipt: str, *, at: datetime) -> Suggestion:
    """Count a citizen among the supporters, once; where it was merged, among those of the one that goes on.

    Enough of them raise it in the queue of staff, and start the clock of the city's promise.
    Raises NotSupportable, OwnSuggestion, NoSuchSuggestion.
    """
    wanted = await going_on(tx, receipt)
    if wanted.citizen == citizen:
        raise OwnSuggestion(receipt=wanted.receipt)
    new = insert(SupportRow).values(citizen_id=citizen, suggestion_id=wanted.id, at=at)
    return await _count(tx, wanted, new.on_conflict_do_nothing().returning(SupportRow.citizen_id).cte("new"), at=at)


async def unsupport(tx: AsyncSession, citizen: CitizenId, receipt: str) -> Suggestion:
    """Take support back; what it has set going goes on. Raises NoSuchSuggestion."""
    wanted = await going_on(tx, receipt)
    await _take_back(tx, (SupportRow.citizen_id == citizen) & (SupportRow.suggestion_id == wanted.id))
    return await by_id(tx, wanted.id)


async def unsupport_all(tx: AsyncSession, citizen: CitizenId) -> None:
    """Take back all support of a citizen who is to be erased."""
    await _take_back(tx, SupportRow.citizen_id == citizen)


async def carry_support(tx: AsyncSession, merged: Suggestion, into: Suggestion, *, at: datetime) -> Suggestion:
    """Whoever supports `merged`, and its author, supports `into` from now on, public or not.

    The rows of `merged` stay: they say who is to be told that it was merged.
    """
    theirs = union(
        select(SupportRow.citizen_id, literal(into.id), SupportRow.at).where(SupportRow.suggestion_id == merged.id),
        select(SuggestionRow.citizen_id, literal(into.id), literal(at)).where(SuggestionRow.id == merged.id),
    ).subquery()
    others = theirs.c[0].is_not(None) & theirs.c[0].is_distinct_from(into.citizen)
    new = insert(SupportRow).from_select(["citizen_id", "suggestion_id", "at"], select(theirs).where(others))
    added = new.on_conflict_do_nothing().returning(SupportRow.citizen_id).cte("new")
    return await _count(tx, into, added, whatever_its_state=True, at=at)


async def supported_by(tx: AsyncSession, citizen: CitizenId) -> list[Suggestion]:
    """What a citizen supports, whatever became of it, latest support first."""
    rows = (
        select(SuggestionRow)
        .join(SupportRow, SupportRow.suggestion_id == SuggestionRow.id)
        .where(SupportRow.citizen_id == citizen)
        .order_by(SupportRow.at.desc(), SuggestionRow.id.desc())
    )
    return [suggestion_of(row) for row in await tx.scalars(rows)]


async def is_supporting(tx: AsyncSession, citizen: CitizenId, suggestion: int) -> bool:
    return await tx.get(SupportRow, (citizen, suggestion)) is not None


def supporters(suggestion: int) -> Select[int]:
    """Ids of the reachable citizens who support it."""
    return (
        select(SupportRow.citizen_id)
        .join(CitizenRow, CitizenRow.id == SupportRow.citizen_id)
        .where(SupportRow.suggestion_id == suggestion, CitizenRow.gone_at.is_(None))
    )


async def tell_people(
    tx: AsyncSession,
    about: Suggestion,
    subject: str,
    to_author: Both,
    to_supporters: Both,
    *for_author: Button,
    to_followers: Both | None = None,
    at: datetime,
) -> None:
    """Owe the author, each supporter and whoever else follows it the news of one event; `subject` names it.

    `for_author`: buttons that only the author gets. `to_followers`: without it they are told how it stands, and an
    answer is told to those who follow its theme.
    """
    see = Button.saying(N_("See its state"), f"suggestion_status:{about.receipt}")
    if about.citizen is not None:
        await delivering.tell(tx, about.citizen, subject, to_author, see, *for_author, at=at)
    if about.supports:
        stop = Button.saying(N_("I no longer support this"), f"support:{about.receipt}:undo")
        await delivering.tell_all(tx, supporters(about.id), f"{subject}/supporters", to_supporters, see, stop, at=at)
    if about.published_at is not None:
        is_answer = to_followers is None and about.is_public and about.status in ANSWERED
        await tell_followers(tx, about, subject, to_followers or how_it_stands(about), is_answer=is_answer, at=at)


def how_it_stands(s: Suggestion) -> Both:
    """What those who follow a suggestion are told when it moves."""

    def said(lang: Lang) -> str:
        parts = [
            text(lang, N_("The suggestion {receipt}: {status}"), receipt=s.receipt, status=text(lang, s.status.wording))
        ]
        if s.answer_promised_by:
            date = written_date(lang, s.answer_promised_by.isoformat())
            parts.append(text(lang, N_("Answer promised by {date}"), date=date))
        if s.is_public and s.answer and s.status in ANSWERED:  # else its author can still have its words erased
            parts.append(f"“{excerpt(s, lang)}”")
            parts.append("\n".join([text(lang, N_("Answer of the city:")), s.answer.of(lang)]))
        return "\n\n".join(parts)

    return Both.said(said)


async def tell_followers(
    tx: AsyncSession, s: Suggestion, subject: str, words: Both, *, is_answer: bool = False, at: datetime
) -> None:
    """Those who follow it, or its theme where it is an answer; its author and supporters have been told."""
    receipts = dict.fromkeys([s.receipt, (await going_on(tx, s.receipt)).receipt])
    theme, commitment = (s.theme, s.commitment) if is_answer else (None, None)
    told = [select(SupportRow.citizen_id).where(SupportRow.suggestion_id == s.id)]
    if s.citizen is not None:
        told.append(select(literal(s.citizen)))
    about = about_suggestion(receipts, theme, commitment)
    see = Button.saying(N_("See its state"), f"suggestion_status:{s.receipt}")
    await delivering.tell_followers(tx, about, f"{subject}/followers", words, see, but_not=union(*told), at=at)


async def going_on(tx: AsyncSession, receipt: str) -> Suggestion:
    """The suggestion with this receipt; where it was merged, the one that goes on for both. Raises NoSuchSuggestion."""
    found = await by_receipt(tx, receipt)
    while found.status is Status.MERGED and found.merged_into is not None:
        found = await by_id(tx, found.merged_into)
    return found


async def _count(
    tx: AsyncSession, of: Suggestion, new: CTE, *, whatever_its_state: bool = False, at: datetime
) -> Suggestion:
    """Insert the `new` supporters and add their number, in one statement; then see what that sets going."""
    open_to_it = SuggestionRow.published_at.is_not(None) & SuggestionRow.status.in_(SUPPORTABLE)
    counted = (
        update(SuggestionRow)
        .where(
            SuggestionRow.id == of.id,
            open_to_it | literal(whatever_its_state),
            exists(select(new.c.citizen_id)),
        )
        .values(supports=SuggestionRow.supports + select(func.count()).select_from(new).scalar_subquery())
        .returning(SuggestionRow)
        .execution_options(populate_existing=True, synchronize_session=False)
    )
    row = await tx.scalar(counted)
    now = suggestion_of(row) if row else await by_id(tx, of.id)
    if not (now.is_supportable or whatever_its_state):
        raise NotSupportable(receipt=of.receipt)
    return await _set_going(tx, now, at=at) if row else now


async def _set_going(tx: AsyncSession, s: Suggestion, *, at: datetime) -> Suggestion:
    """The row is locked by having been counted, so that each step and the promise come once."""
    rules = city().suggestions
    reached = [str(step) for step in rules.support_steps if step <= s.supports]
    if reached:
        told = select(EventRow.words).where(EventRow.suggestion_id == s.id, EventRow.kind == Kind.RAISED)
        before = set(await tx.scalars(told))
        for step in reached:
            if step not in before:
                await note(tx, s.id, Kind.RAISED, Actor.CLOCK, words=step, at=at)
    promise = rules.promise
    if promise is None or s.promised_at or s.status not in OPEN or s.supports < promise.supporters:
        return s
    lately = SupportRow.at > at - timedelta(days=promise.in_days)
    count = await tx.scalar(select(func.count()).where(SupportRow.suggestion_id == s.id, lately)) or 0
    return await _promise(tx, s, at=at) if count >= promise.supporters else s


async def _promise(tx: AsyncSession, s: Suggestion, *, at: datetime) -> Suggestion:
    until, promise = answer_due(is_promised=True, at=at), city().suggestions.promise
    is_sooner = s.due_at is not None and at < s.due_at < until
    due_at = s.due_at if is_sooner or s.status is Status.AUTHOR_ASKED else until  # what is asked, its author owes
    left = s.days_left if s.days_left is None or promise is None else min(s.days_left, promise.answer_in)
    deadline = {"promised_at": at, "due_at": due_at, "days_left": left}
    promised = await change(tx, s.receipt, SuggestionRow.promised_at.is_(None), at=at, **deadline)
    await note(tx, s.id, Kind.PROMISED, Actor.CLOCK, words=last_day(until).isoformat(), at=at)

    def said(msgid: str) -> Both:
        return Both.said(
            lambda lang: text(
                lang,
                msgid,
                receipt=s.receipt,
                count=s.supports,
                date=written_date(lang, last_day(until).isoformat()),
            )
        )

    await tell_people(
        tx,
        promised,
        f"{s.receipt}/promised",
        said(N_("{count} people support your suggestion {receipt}. The city promises an answer by {date}.")),
        said(N_("{count} people support {receipt}, and you are one of them. The city promises an answer by {date}.")),
        at=at,
    )
    return promised


async def _take_back(tx: AsyncSession, which: ColumnElement[bool]) -> None:
    """Delete supports and lower the counts, in one statement."""
    gone = delete(SupportRow).where(which).returning(SupportRow.suggestion_id).cte("gone")
    await tx.execute(
        update(SuggestionRow)
        .where(SuggestionRow.id.in_(select(gone.c.suggestion_id)))
        .values(supports=SuggestionRow.supports - 1)
        .execution_options(synchronize_session=False)
    )
