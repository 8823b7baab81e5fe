"""Examples that staff write, or want to go from the training files: from the proposal on as labelled questions."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts
from flows.accounts import Staff
from flows.answering.learning import (
    TO_REJECT,
    Question,
    QuestionKind,
    QuestionState,
    UnknownIntent,
    bare,
    intents,
    question_of,
    taught,
)
from flows.errors import Conflict, Invalid
from flows.masking import mask
from flows.store.tables.accounts import StaffRow
from flows.store.tables.answering import UnansweredRow
from flows.wording import N_, Lang

EXAMPLE_MOST_CHARS = 300
LEAST_EXAMPLES = 10  # of an intent in a language, in the training files

type Files = Mapping[tuple[Lang, str], Sequence[str]]  # the examples of the training files, by language and intent


class NoExample(Invalid):
    field = "text"
    message = N_("Please write what people might say.")


class LongExample(Invalid):
    field = "text"
    message = N_("Please keep an example to {most} characters. This one has {length}.")


class KnownExample(Invalid):
    """The same words are an example already, or wait to become one; `meaning` is what they stand for."""

    field = "text"
    message = N_("There is such an example already. It stands for: {meaning}")


class ExampleGone(Conflict):
    message = N_("This example is no longer there, or somebody has proposed to drop it already.")


class ExampleNeeded(Conflict):
    message = N_("Fewer than {least} examples would be left. Add others first.")


async def examples_kept(tx: AsyncSession, intent: str) -> list[Question]:
    """The examples of an intent that are not in the training files, or are to go from them: proposed and accepted."""
    stmt = (
        select(UnansweredRow, StaffRow.called)
        .outerjoin(StaffRow, StaffRow.id == UnansweredRow.labelled_by)
        .where(UnansweredRow.intent == intent, UnansweredRow.state.in_(TO_REJECT))
        .order_by(UnansweredRow.id)
    )
    return [question_of(row, by) for row, by in await tx.execute(stmt)]


async def add_example(
    tx: AsyncSession, lang: Lang, intent: str, words: str, *, files: Files, by: Staff, at: datetime
) -> None:
    """Propose something that people might say for `intent`. `files`: the examples of the training files.

    Personal data is masked. Raises UnknownIntent, NoExample, LongExample, KnownExample.
    """
    if intent not in intents(lang):
        raise UnknownIntent
    said = mask(" ".join(words.split()))
    if not bare(said):
        raise NoExample
    if len(said) > EXAMPLE_MOST_CHARS:
        raise LongExample(most=EXAMPLE_MOST_CHARS, length=len(said))
    # Two who propose the same at once would not see each other's. Questions of citizens go on being noted.
    await tx.execute(text("LOCK TABLE unanswered IN SHARE UPDATE EXCLUSIVE MODE"))
    known = [(of, name, example) for (of, name), examples in files.items() for example in examples]
    known += await taught(tx, TO_REJECT, UnansweredRow.kind != QuestionKind.DROPPED)
    if same := next((name for of, name, example in known if of == lang and bare(example) == bare(said)), None):
        raise KnownExample(meaning=intents(lang).get(same, same))
    await _propose(tx, QuestionKind.ADDED, lang, intent, said, by=by, at=at)


async def drop_example(
    tx: AsyncSession, lang: Lang, intent: str, words: str, *, files: Files, by: Staff, at: datetime
) -> None:
    """Propose that an example of the training files goes. Raises ExampleGone, ExampleNeeded."""
    await tx.execute(text("LOCK TABLE unanswered IN SHARE UPDATE EXCLUSIVE MODE"))
    dropped = await taught(tx, TO_REJECT, UnansweredRow.kind == QuestionKind.DROPPED)
    left = [example for example in files.get((lang, intent), ()) if (lang, intent, example) not in dropped]
    if words not in left:
        raise ExampleGone
    if len(left) <= LEAST_EXAMPLES:
        raise ExampleNeeded(least=LEAST_EXAMPLES)
    await _propose(tx, QuestionKind.DROPPED, lang, intent, words, by=by, at=at)


async def _propose(
    tx: AsyncSession, kind: QuestionKind, lang: Lang, intent: str, words: str, *, by: Staff, at: datetime
) -> None:
    tx.add(
        UnansweredRow(
            lang=lang,
            text=words,
            confidence=0.0,
            at=at,
            state=QuestionState.PROPOSED,
            kind=kind,
            intent=intent,
            labelled_by=by.id,
            labelled_at=at,
        )
    )
    await accounts.audit(tx, by, f"example.{kind}", intent, at=at)
