"""Internal notes: for staff alone, in no export and on no public page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, suggesting
from flows.accounts import Staff
from flows.errors import Invalid
from flows.masking import mask
from flows.messages import CitizenId
from flows.store.tables.accounts import StaffRow
from flows.store.tables.reviewing import NoteRow
from flows.store.tables.suggesting import SuggestionRow
from flows.suggesting import Suggestion
from flows.wording import N_

NOTE_MOST_CHARS = 2_000


class NoteMissing(Invalid):
    field = "note"
    message = N_("Please write the note first.")


class NoteTooLong(Invalid):
    field = "note"
    message = N_("Please keep the note to {most} characters. This one has {length}.")


@dataclass(frozen=True, slots=True)
class Note:
    """`by` is how colleagues call whoever wrote it."""

    by: str | None
    text: str
    at: datetime


async def notes(tx: AsyncSession, s: Suggestion) -> list[Note]:
    """The latest first."""
    rows = (
        select(NoteRow, StaffRow.called)
        .outerjoin(StaffRow, StaffRow.id == NoteRow.staff_id)
        .where(NoteRow.suggestion_id == s.id)
        .order_by(NoteRow.id.desc())
    )
    return [Note(called, row.text, row.at) for row, called in await tx.execute(rows)]


async def erase_notes(tx: AsyncSession, citizen: CitizenId) -> None:
    """Delete what staff noted beside the suggestions of a citizen who is to be erased."""
    theirs = select(SuggestionRow.id).where(SuggestionRow.citizen_id == citizen)
    await tx.execute(delete(NoteRow).where(NoteRow.suggestion_id.in_(theirs)))


async def add_note(tx: AsyncSession, receipt: str, text: str, *, by: Staff, at: datetime) -> None:
    """Write something down for colleagues; personal data is masked. Raises NoteMissing, NoteTooLong."""
    if not text:
        raise NoteMissing
    if len(text) > NOTE_MOST_CHARS:
        raise NoteTooLong(most=NOTE_MOST_CHARS, length=len(text))
    s = await suggesting.by_receipt(tx, receipt)
    tx.add(NoteRow(suggestion_id=s.id, staff_id=by.id, text=mask(text), at=at))
    await accounts.audit(tx, by, "suggestion.noted", receipt, at=at)
