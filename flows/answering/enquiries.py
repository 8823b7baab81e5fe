"""Questions that citizens handed to staff: the rows, and what staff may do to one.

    open ── answer ──> answered
      └──── close ───> not_ours, unclear, unknown: the citizen is told why

What the citizen is told goes the way of every message (`delivering`), and it is erased with the question.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from textwrap import shorten

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, citizens, delivering
from flows.accounts import Staff
from flows.answering.freshness import doubt
from flows.answering.in_use import topics_in_use
from flows.answering.topics_said import cited_line
from flows.city import Both, day
from flows.errors import Conflict, Invalid, NotFound, Refused
from flows.messages import CitizenId
from flows.store.tables.accounts import StaffRow
from flows.store.tables.answering import EnquiryRow
from flows.topics import Topic
from flows.wording import N_, Lang, as_lang, text, written_date

MOST_OPEN = 5
A_DAY = timedelta(days=1)
KEPT_FOR = timedelta(days=180)
ANSWER_MOST_CHARS = 2_000
QUOTED_CHARS = 200
SOURCES_NAMED = 3
STEPS = "enquiry."  # how the steps of the dialogue begin that holds a question before it is handed over


class EnquiryState(StrEnum):
    """Where a question to staff (직원 문의) stands."""

    OPEN = "open"
    ANSWERED = "answered"
    NOT_OURS = "not_ours"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"

    @property
    def wording(self) -> str:
        return ENQUIRY_WORDING[self]


ENQUIRY_WORDING = {
    EnquiryState.OPEN: N_("Waiting for an answer"),
    EnquiryState.ANSWERED: N_("Answered"),
    EnquiryState.NOT_OURS: N_("Not ours to answer"),
    EnquiryState.UNCLEAR: N_("Question not clear"),
    EnquiryState.UNKNOWN: N_("No confirmed information"),
}

# Why a question may be closed without an answer, as its citizen is told.
REASONS = {
    EnquiryState.NOT_OURS: N_("This is not something that we can answer here. This is where to ask:"),
    EnquiryState.UNCLEAR: N_("Staff could not tell what you would like to know. Please ask again in other words."),
    EnquiryState.UNKNOWN: N_("Staff have found no confirmed information on this."),
}


class NoSuchEnquiry(NotFound):
    message = N_("There is no such question here. Its citizen may have had it erased.")


class EnquiryMoved(Conflict):
    message = N_("Somebody else has dealt with this question meanwhile, so nothing of yours was sent.")


class NoAnswer(Invalid):
    field = "answer"
    message = N_("Please write the answer in the language of the question.")


class LongAnswer(Invalid):
    field = "answer"
    message = N_("Please keep the answer to {most} characters. This one has {length}.")


class NoReason(Invalid):
    field = "reason"
    message = N_("Please choose why the question gets no answer. Its citizen will be told.")


class TooManyOpen(Refused):
    message = N_("You already have {most} questions waiting. Please wait until staff have answered one of them.")


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A masked question to staff; `lang` is its language. `topic`: what the bot would have answered with.

    `answer` is what its citizen was told, `by` the e-mail of who told them.
    """

    id: int
    lang: Lang
    text: str
    topic: str | None
    state: EnquiryState
    asked_at: datetime
    answer: str | None
    by: str | None
    answered_at: datetime | None


async def ask(
    tx: AsyncSession, citizen: CitizenId, question: str, lang: Lang, topic: str | None, *, at: datetime
) -> Enquiry:
    """Hand a masked question to staff. The same text within a day is the first one. Raises TooManyOpen."""
    own = await enquiries_of(tx, citizen)
    if same := next((e for e in own if e.text == question and e.asked_at > at - A_DAY), None):
        return same
    if sum(e.state is EnquiryState.OPEN for e in own) >= MOST_OPEN:
        raise TooManyOpen(most=MOST_OPEN)
    row = EnquiryRow(citizen_id=citizen, lang=lang, text=question, topic=topic, state=EnquiryState.OPEN, asked_at=at)
    tx.add(row)
    await tx.flush()
    return _enquiry(row, None)


async def enquiries_of(tx: AsyncSession, citizen: CitizenId) -> list[Enquiry]:
    """A citizen's own, newest first."""
    return await _read(tx, EnquiryRow.citizen_id == citizen, EnquiryRow.id.desc())


async def waiting_enquiries(tx: AsyncSession, *, limit: int) -> list[Enquiry]:
    """Those without an answer, oldest first."""
    return await _read(tx, EnquiryRow.state == EnquiryState.OPEN, EnquiryRow.id.asc(), limit)


async def count_waiting(tx: AsyncSession, *, since: datetime | None = None) -> int:
    """How many questions wait for staff: all, or those asked after `since`."""
    waits = select(func.count()).where(EnquiryRow.state == EnquiryState.OPEN)
    return await tx.scalar(waits if since is None else waits.where(EnquiryRow.asked_at > since)) or 0


async def enquiry(tx: AsyncSession, id_: int) -> Enquiry:
    """One question. Raises NoSuchEnquiry."""
    found = await _read(tx, EnquiryRow.id == id_, EnquiryRow.id.asc())
    if not found:
        raise NoSuchEnquiry
    return found[0]


def proposal(enquiry: Enquiry, topic: Topic | None, today: date) -> str:
    """What the bot would answer with the topic of the question, with its main sources; empty where it has none."""
    if topic is None:
        return ""
    said = _said_by(topic, enquiry.lang, today)
    sources = [cited_line(source, enquiry.lang) for source in topic.cited[:SOURCES_NAMED]]
    return "\n\n".join([said, "\n".join([text(enquiry.lang, N_("Main sources:")), *sources])])


async def answer_enquiry(tx: AsyncSession, id_: int, words: str, *, by: Staff, at: datetime) -> None:
    """Answer an open question, in its language, and owe its citizen the answer.

    Raises NoAnswer, LongAnswer, NoSuchEnquiry, EnquiryMoved (somebody else was first).
    """
    if not words:
        raise NoAnswer
    if len(words) > ANSWER_MOST_CHARS:
        raise LongAnswer(most=ANSWER_MOST_CHARS, length=len(words))
    asked = await _end(tx, id_, EnquiryState.ANSWERED, words, by=by, at=at)
    topic = (await topics_in_use(tx)).get(asked.topic or "")
    action = "enquiry.approved" if words == proposal(asked, topic, day(at)) else "enquiry.answered"
    await accounts.audit(tx, by, action, _subject(id_), at=at)


async def close_enquiry(tx: AsyncSession, id_: int, reason: str, *, by: Staff, at: datetime) -> None:
    """End an open question without an answer, and owe its citizen the reason, one of `REASONS`.

    Raises NoReason, NoSuchEnquiry, EnquiryMoved.
    """
    if reason not in REASONS:
        raise NoReason
    state = EnquiryState(reason)
    lang = (await enquiry(tx, id_)).lang
    said = text(lang, REASONS[state])
    if state is EnquiryState.NOT_OURS:
        said += "\n\n" + _said_by((await topics_in_use(tx))["contact"], lang, day(at))
    await _end(tx, id_, state, said, by=by, at=at)
    await accounts.audit(tx, by, f"enquiry.{state}", _subject(id_), at=at)


async def erase_enquiries(tx: AsyncSession, citizen: CitizenId) -> None:
    """Erase what somebody asked staff, with what they were told."""
    await _forget(tx, EnquiryRow.citizen_id == citizen)


async def forget_enquiries(tx: AsyncSession, *, at: datetime) -> None:
    """Drop what was dealt with half a year ago, and the words that nobody handed over within a day."""
    await _forget(tx, EnquiryRow.answered_at < at - KEPT_FOR)
    await citizens.forget_steps(tx, STEPS, before=at - A_DAY)


async def _end(tx: AsyncSession, id_: int, state: EnquiryState, said: str, *, by: Staff, at: datetime) -> Enquiry:
    open_one = update(EnquiryRow).where(EnquiryRow.id == id_, EnquiryRow.state == EnquiryState.OPEN)
    ended = open_one.values(state=state, answer=said, answered_by=by.id, answered_at=at)
    row = await tx.scalar(ended.returning(EnquiryRow))
    if row is None:
        await enquiry(tx, id_)
        raise EnquiryMoved
    asked = _enquiry(row, by.called)
    words = _told(asked)
    # An answer has one language, that of its question, whatever its citizen speaks by then.
    await delivering.tell(tx, CitizenId(row.citizen_id), _subject(id_), Both(ko=words, en=words), at=at)
    return asked


def _said_by(topic: Topic, lang: Lang, today: date) -> str:
    line = doubt(topic, today, lang)
    return topic.answer.of(lang).strip() + (f"\n\n{line}" if line else "")


def _told(asked: Enquiry) -> str:
    when = written_date(asked.lang, day(asked.asked_at).isoformat())
    quoted = shorten(asked.text, QUOTED_CHARS, placeholder="…")
    about = text(asked.lang, N_("About your question to the staff of {date}:"), date=when)
    heads = [text(asked.lang, N_("Answer of the city:"))] if asked.state is EnquiryState.ANSWERED else []
    return "\n\n".join([f"{about}\n“{quoted}”", "\n".join([*heads, asked.answer or ""])])


async def _forget(tx: AsyncSession, which: ColumnElement[bool]) -> None:
    gone = await tx.scalars(delete(EnquiryRow).where(which).returning(EnquiryRow.id))
    await delivering.untell(tx, [_subject(id_) for id_ in gone])


def _subject(id_: int) -> str:
    return f"enquiry/{id_}"


async def _read(
    tx: AsyncSession, which: ColumnElement[bool], order: ColumnElement[int], limit: int | None = None
) -> list[Enquiry]:
    rows = select(EnquiryRow, StaffRow.called).outerjoin(StaffRow, StaffRow.id == EnquiryRow.answered_by)
    return [_enquiry(row, by) for row, by in await tx.execute(rows.where(which).order_by(order).limit(limit))]


def _enquiry(row: EnquiryRow, by: str | None) -> Enquiry:
    return Enquiry(
        id=row.id,
        lang=as_lang(row.lang),
        text=row.text,
        topic=row.topic,
        state=EnquiryState(row.state),
        asked_at=row.asked_at,
        answer=row.answer,
        by=by,
        answered_at=row.answered_at,
    )
