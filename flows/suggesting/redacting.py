"""Taking words out of all that is kept of a suggestion, for good. What search knows of it follows its texts."""

from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.store.tables.suggesting import EventRow, SuggestionRow
from flows.suggesting.rows import change
from flows.suggesting.values import Suggestion

_TEXTS = ("text", "shown_text", "translation", "shown_name", "answer_ko", "answer_en")
_LINES = (EventRow.ko, EventRow.en, EventRow.words)


async def take_out(tx: AsyncSession, s: Suggestion, words: str, cover: str, *, at: datetime) -> tuple[Suggestion, bool]:
    """Put `cover` in the place of `words` in every text and in the history, for good; whether they stood anywhere.

    Raises StatusMoved.
    """
    stood = or_(*(getattr(SuggestionRow, name).contains(words, autoescape=True) for name in _TEXTS))
    in_texts = await tx.scalar(select(SuggestionRow.id).where(SuggestionRow.id == s.id, stood))
    columns = {name: func.replace(getattr(SuggestionRow, name), words, cover) for name in _TEXTS}
    changed = await change(tx, s.receipt, SuggestionRow.version == s.version, at=at, **columns)
    lines = update(EventRow).where(
        EventRow.suggestion_id == s.id, or_(*(line.contains(words, autoescape=True) for line in _LINES))
    )
    touched = await tx.execute(
        lines.values({line.key: func.replace(line, words, cover) for line in _LINES}).returning(EventRow.id)
    )
    return changed, in_texts is not None or bool(touched.all())
