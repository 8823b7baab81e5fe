"""What masking missed, taken out by hand: for good, and everywhere that we keep it."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from flows import accounts, citizens, delivering, suggesting
from flows.accounts import Role, Staff
from flows.errors import Invalid, NotAllowed
from flows.store.tables.reviewing import NoteRow, ProposalRow
from flows.suggesting import Actor, Kind, Suggestion
from flows.wording import N_

COVER = "●●●"
LEAST_CHARS, MOST_CHARS = 2, 200


class WordsMissing(Invalid):
    field = "words"
    message = N_("Please write the words to take out, just as they stand there, at least {least} characters.")


class WordsTooLong(Invalid):
    field = "words"
    message = N_("Please take out at most {most} characters at once.")


class WordsNotThere(Invalid):
    field = "words"
    message = N_("These words stand nowhere in this suggestion. Please copy them as they are.")


class EditorsRedact(NotAllowed):
    message = N_("Only editors and administrators may take words out for good.")


async def redact(
    tx: AsyncSession, receipt: str, words: str, *, by: Staff, at: datetime, seen: int | None = None
) -> Suggestion:
    """Cover `words` in the texts, the answers, the history, the notes, the messages about it, and for search.

    What has been sent to somebody's device is out of reach. `seen`: the version that the caller saw.
    Raises EditorsRedact, WordsMissing, WordsTooLong, WordsNotThere, StatusMoved, NoSuchSuggestion.
    """
    if not by.role.covers(Role.EDITOR):
        raise EditorsRedact
    if len(words) < LEAST_CHARS:
        raise WordsMissing(least=LEAST_CHARS)
    if len(words) > MOST_CHARS:
        raise WordsTooLong(most=MOST_CHARS)
    s = await suggesting.as_seen(tx, receipt, seen)
    changed, was_there = await suggesting.take_out(tx, s, words, COVER, at=at)
    of_staff = ((NoteRow.suggestion_id, (NoteRow.text,)), (ProposalRow.suggestion_id, (ProposalRow.ko, ProposalRow.en)))
    for owner, texts in of_staff:
        was_there = await _cover(tx, owner, s.id, texts, words) or was_there
    was_there = await delivering.take_out(tx, receipt, words, COVER) or was_there
    if not was_there:
        raise WordsNotThere
    await citizens.take_out(tx, s.citizen, receipt, words, COVER)
    await suggesting.note(tx, s.id, Kind.REDACTED, Actor.STAFF, staff=by.id, at=at)
    await accounts.audit(tx, by, "suggestion.redacted", receipt, at=at)
    return changed


async def _cover(
    tx: AsyncSession,
    owner: InstrumentedAttribute[int],
    suggestion: int,
    texts: tuple[InstrumentedAttribute[str], ...],
    words: str,
) -> bool:
    stood = or_(*(text.contains(words, autoescape=True) for text in texts))
    covered: dict[str, Any] = {text.key: func.replace(text, words, COVER) for text in texts}
    done = update(owner.class_).where(owner == suggestion, stood).values(covered).returning(owner)
    return bool((await tx.execute(done)).all())
