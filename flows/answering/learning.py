"""The learning loop: what had no sure answer, what staff say that it meant, and what is learnt of it.

    open ── label ──> proposed ── accept ──> accepted     learnt by the next `damso nlu train`
    │  ^                 │                      │
    │  └──── label ── rejected <─── reject ─────┘         shown again with the open ones
    └── dismiss ──> dismissed                             not shown again

A reviewer proposes, an editor decides. Nothing here says who asked. Examples that staff write themselves, and those of
the training files that are to go, take the same way; what is not accepted of these is not shown again.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, case, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from flows import accounts
from flows.accounts import Staff
from flows.answering.content import read_topics
from flows.answering.unsure import ACTIONS
from flows.errors import Conflict, Invalid
from flows.store.tables.accounts import StaffRow
from flows.store.tables.answering import UnansweredRow
from flows.understanding import FALLBACK
from flows.wording import N_, Lang, text

LOOKED_AT = 500  # the newest questions; older ones come up as these are worked off
ALIKE = 0.5  # of the letter runs in either question, those in both
KEPT = timedelta(days=180)
OUT_OF_SCOPE = "out_of_scope"

type Example = tuple[Lang, str, str]  # language, intent, text

# What no button asks for.
TALK = {
    "correct_last": N_("The last answer was about something else"),
    "menu": N_("The menu, or what the bot can do"),
    "greet": N_("A greeting"),
    "goodbye": N_("A farewell"),
    "thank": N_("Thanks"),
    "complain_bot": N_("A complaint about the bot"),
    "affirm": N_("Yes"),
    "deny": N_("No"),
    "cancel": N_("Break off"),
    OUT_OF_SCOPE: N_("Out of scope: not our business"),
}


class QuestionState(StrEnum):
    """Where a question stands in the learning loop."""

    OPEN = "open"
    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DISMISSED = "dismissed"


class QuestionKind(StrEnum):
    """Whether somebody asked it, or staff wrote it as an example, or want an example of the training files to go."""

    ASKED = "asked"
    ADDED = "added"
    DROPPED = "dropped"


TO_LABEL = (QuestionState.OPEN, QuestionState.REJECTED)
TO_ACCEPT = (QuestionState.PROPOSED,)
TO_REJECT = (QuestionState.PROPOSED, QuestionState.ACCEPTED)


class QuestionMoved(Conflict):
    """One of the questions is no longer in the state in which it was seen; none was changed."""

    message = N_("Somebody else has worked on one of these questions meanwhile, so nothing was saved. Look again.")


class NoQuestion(Invalid):
    field = "ids"
    message = N_("Please choose at least one question.")


class UnknownIntent(Invalid):
    field = "intent"
    message = N_("Please choose what the question meant.")


@dataclass(frozen=True, slots=True)
class Question:
    """A masked question and, once labelled, what it is said to mean. `by` is the e-mail of who said so."""

    id: int
    lang: Lang
    text: str
    best: str | None
    confidence: float
    at: datetime
    state: QuestionState
    intent: str | None
    by: str | None
    kind: QuestionKind = QuestionKind.ASKED


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are alike, newest first; they share language, kind and, if they have one, their label."""

    questions: tuple[Question, ...]

    @property
    def count(self) -> int:
        return len(self.questions)

    @property
    def newest(self) -> Question:
        return self.questions[0]

    @property
    def surest(self) -> Question | None:
        """The one with the best guess, if the model had a guess at all."""
        return max((q for q in self.questions if q.best), key=lambda q: q.confidence, default=None)

    @property
    def wordings(self) -> dict[str, list[int]]:
        """Each wording once, newest first, with the ids of the questions that have it."""
        found: dict[str, list[int]] = {}
        for question in self.questions:
            found.setdefault(question.text, []).append(question.id)
        return found


def intents(lang: Lang) -> dict[str, str]:
    """Every intent that a question can be given, with a name that people understand; out of scope comes first."""
    topics = {topic.intent: topic.title.of(lang) for topic in read_topics().values()}
    actions = {name: text(lang, label) for name, (label, _) in ACTIONS.items()}
    talk = {name: text(lang, label) for name, label in TALK.items()}
    return {OUT_OF_SCOPE: talk.pop(OUT_OF_SCOPE)} | topics | actions | talk


async def list_questions(tx: AsyncSession, states: Collection[QuestionState]) -> list[Group]:
    """The newest questions in these states, grouped by likeness: the largest group first, then the newest."""
    labeller = aliased(StaffRow)
    stmt = (
        select(UnansweredRow, labeller.called)
        .outerjoin(labeller, labeller.id == UnansweredRow.labelled_by)
        .where(UnansweredRow.state.in_(states))
        .order_by(UnansweredRow.id.desc())
        .limit(LOOKED_AT)
    )
    grouped = group([question_of(row, by) for row, by in await tx.execute(stmt)])
    return sorted(grouped, key=lambda g: (-g.count, -g.newest.id))


async def count_questions(tx: AsyncSession) -> dict[QuestionState, int]:
    """How many questions are in which state."""
    stmt = select(UnansweredRow.state, func.count()).group_by(UnansweredRow.state)
    return {QuestionState(state): count for state, count in await tx.execute(stmt)}


def group(questions: Iterable[Question]) -> list[Group]:
    """Greedy: each question joins the group whose first is most like it, if it is like enough, or starts one."""
    members: list[list[Question]] = []
    runs: list[frozenset[str]] = []
    with_run: dict[tuple[object, str], list[int]] = defaultdict(list)
    for question in questions:
        mine = letter_runs(question.text)
        kind = (question.lang, question.state, question.intent, question.kind)
        shared = Counter(place for run in mine for place in with_run[kind, run])
        likeness = {place: n / (len(mine) + len(runs[place]) - n) for place, n in shared.items()}
        best = max(likeness, key=lambda place: likeness[place], default=None)
        if best is not None and likeness[best] >= ALIKE:
            members[best].append(question)
            continue
        for run in mine:
            with_run[kind, run].append(len(members))
        members.append([question])
        runs.append(mine)
    return [Group(tuple(group)) for group in members]


def letter_runs(words: str) -> frozenset[str]:
    """What is compared: runs of two letters in Hangul and of three elsewhere, without blanks and marks."""
    letters = bare(words)
    n = 2 if re.search("[가-힣]", letters) else 3
    return frozenset(letters[i : i + n] for i in range(max(1, len(letters) - n + 1)))


async def label(tx: AsyncSession, ids: Collection[int], intent: str, *, by: Staff, at: datetime) -> None:
    """Propose that these questions meant `intent`. Raises NoQuestion, UnknownIntent, QuestionMoved."""
    if intent not in intents("en"):
        raise UnknownIntent
    said = {"state": QuestionState.PROPOSED, "intent": intent, "labelled_by": by.id, "labelled_at": at}
    await _move(tx, ids, TO_LABEL, said | {"decided_by": None, "decided_at": None})
    await accounts.audit(tx, by, "question.labelled", f"{intent} {_listed(ids)}", at=at)


async def dismiss(tx: AsyncSession, ids: Collection[int], *, by: Staff, at: datetime) -> None:
    """Nothing can be learnt of these. Raises NoQuestion, QuestionMoved."""
    said = {"state": QuestionState.DISMISSED, "intent": None, "labelled_by": by.id, "labelled_at": at}
    await _move(tx, ids, TO_LABEL, said)
    await accounts.audit(tx, by, "question.dismissed", _listed(ids), at=at)


async def accept(tx: AsyncSession, ids: Collection[int], *, by: Staff, at: datetime) -> None:
    """Learn these at the next training. Raises NoQuestion, QuestionMoved."""
    await _move(tx, ids, TO_ACCEPT, {"state": QuestionState.ACCEPTED, "decided_by": by.id, "decided_at": at})
    await accounts.audit(tx, by, "question.accepted", _listed(ids), at=at)


async def reject(tx: AsyncSession, ids: Collection[int], *, by: Staff, at: datetime) -> None:
    """Not this label; an accepted example is taken back so too. Raises NoQuestion, QuestionMoved."""
    asked = UnansweredRow.kind == QuestionKind.ASKED  # what staff wrote has no other label to be given
    state = case((asked, QuestionState.REJECTED.value), else_=QuestionState.DISMISSED.value)
    await _move(tx, ids, TO_REJECT, {"state": state, "decided_by": by.id, "decided_at": at})
    await accounts.audit(tx, by, "question.rejected", _listed(ids), at=at)


async def accepted_examples(tx: AsyncSession) -> list[Example]:
    """What is to be learnt: language, intent and text, each once, always in the same order."""
    return await taught(tx, [QuestionState.ACCEPTED], UnansweredRow.kind != QuestionKind.DROPPED)


async def dropped_examples(tx: AsyncSession) -> list[Example]:
    """What of the training files is not to be learnt any more, as `accepted_examples`."""
    return await taught(tx, [QuestionState.ACCEPTED], UnansweredRow.kind == QuestionKind.DROPPED)


async def forget_questions(tx: AsyncSession, *, at: datetime) -> None:
    """Drop what nobody labelled in half a year, and what was dismissed or rejected."""
    left = (QuestionState.OPEN, QuestionState.REJECTED, QuestionState.DISMISSED)
    await tx.execute(delete(UnansweredRow).where(UnansweredRow.at < at - KEPT, UnansweredRow.state.in_(left)))


async def taught(tx: AsyncSession, states: Collection[QuestionState], which: ColumnElement[bool]) -> list[Example]:
    """The examples in these states, each once, always in the same order."""
    row = UnansweredRow
    stmt = select(row.lang, row.intent, row.text).where(row.state.in_(states), which).distinct()
    return sorted((_lang(lang), intent or "", words) for lang, intent, words in await tx.execute(stmt))


async def _move(
    tx: AsyncSession, ids: Collection[int], seen: Collection[QuestionState], said: Mapping[str, object]
) -> None:
    wanted = set(ids)
    if not wanted:
        raise NoQuestion
    stmt = update(UnansweredRow).where(UnansweredRow.id.in_(wanted), UnansweredRow.state.in_(seen)).values(said)
    moved = (await tx.scalars(stmt.returning(UnansweredRow.id))).all()
    if len(moved) < len(wanted):
        raise QuestionMoved


def bare(words: str) -> str:
    """What two examples have in common that differ in capitals, blanks and marks only."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", words).lower())


def question_of(row: UnansweredRow, by: str | None) -> Question:
    return Question(
        id=row.id,
        lang=_lang(row.lang),
        text=row.text,
        best=row.best if row.best != FALLBACK else None,
        confidence=row.confidence,
        at=row.at,
        state=QuestionState(row.state),
        intent=row.intent,
        by=by,
        kind=QuestionKind(row.kind),
    )


def _lang(stored: str) -> Lang:
    return "ko" if stored == "ko" else "en"


def _listed(ids: Iterable[int]) -> str:
    return ",".join(str(id_) for id_ in sorted(set(ids)))
