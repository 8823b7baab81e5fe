"""Photos and documents of a suggestion: kept with a draft, tied to what is sent, shown, let go.

Letting go empties a row's citizen and suggestion, which hides it at once; `sweeping` deletes the file and then the row.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both
from flows.errors import Conflict
from flows.messages import Attached, CitizenId
from flows.store.files import NoSuchFile
from flows.store.tables.suggesting import AttachmentRow, SuggestionRow
from flows.suggesting.values import ANSWERED, PHOTO, Attachment
from flows.wording import N_

FILES_MOST = 5  # of one suggestion


class TooManyFiles(Conflict):
    message = N_("A suggestion takes at most {most} files. Send it with those, or delete them first.")


async def attach(tx: AsyncSession, citizen: CitizenId, file: Attached, receipt: str | None, *, at: datetime) -> None:
    """Put a file with what a citizen is writing: a new suggestion, or the one with `receipt`. Raises TooManyFiles."""
    theirs = select(AttachmentRow.id).outerjoin(SuggestionRow).where(AttachmentRow.citizen_id == citizen)
    there = AttachmentRow.suggestion_id.is_(None) | (SuggestionRow.receipt == (receipt or ""))
    if len((await tx.scalars(theirs.where(there))).all()) >= FILES_MOST:
        raise TooManyFiles(most=FILES_MOST)
    tx.add(
        AttachmentRow(
            citizen_id=citizen,
            key=file.key,
            media_type=file.media_type,
            size_bytes=file.size_bytes,
            published=False,
            at=at,
        )
    )
    await tx.flush()


async def waiting_files(tx: AsyncSession, citizen: CitizenId) -> list[Attachment]:
    """Those that a citizen has sent and not yet tied to a suggestion."""
    return await _find(tx, AttachmentRow.citizen_id == citizen, AttachmentRow.suggestion_id.is_(None))


async def tie_files(tx: AsyncSession, citizen: CitizenId, suggestion: int) -> int:
    """What waits belongs to this suggestion from now on; how many that are."""
    waiting = AttachmentRow.citizen_id == citizen, AttachmentRow.suggestion_id.is_(None)
    tied = update(AttachmentRow).where(*waiting).values(suggestion_id=suggestion).returning(AttachmentRow.id)
    return len((await tx.scalars(tied)).all())


async def drop_files(tx: AsyncSession, citizen: CitizenId) -> None:
    """Let go of what waits."""
    waiting = AttachmentRow.citizen_id == citizen, AttachmentRow.suggestion_id.is_(None)
    await tx.execute(update(AttachmentRow).where(*waiting).values(citizen_id=None))


async def files_of(tx: AsyncSession, suggestion: int, *, only_published: bool = False) -> list[Attachment]:
    """The files of a suggestion, oldest first."""
    wanted = [AttachmentRow.suggestion_id == suggestion]
    if only_published:
        wanted.append(AttachmentRow.published.is_(True))
    return await _find(tx, *wanted)


async def count_files(tx: AsyncSession, citizen: CitizenId) -> int:
    """How many files of a citizen are kept."""
    mine = select(func.count()).select_from(AttachmentRow).where(AttachmentRow.citizen_id == citizen)
    return await tx.scalar(mine) or 0


async def file(tx: AsyncSession, id_: int) -> tuple[Attachment, str]:
    """A file of a suggestion, and the receipt of that one. Raises NoSuchFile."""
    found = await tx.execute(
        select(AttachmentRow, SuggestionRow.receipt).join(SuggestionRow).where(AttachmentRow.id == id_)
    )
    for row, receipt in found:
        return _attachment(row), receipt
    raise NoSuchFile


async def publish_file(tx: AsyncSession, id_: int, alt: Both | None) -> None:
    """Show a picture to everybody with its suggestion; `alt` says what is to be seen. Raises NoSuchFile."""
    await _set(tx, id_, AttachmentRow.media_type == PHOTO, published=True, alt_ko=alt and alt.ko, alt_en=alt and alt.en)


async def unpublish_file(tx: AsyncSession, id_: int) -> None:
    """Raises NoSuchFile."""
    await _set(tx, id_, true(), published=False)


async def remove_file(tx: AsyncSession, id_: int) -> None:
    """Let go of one file of a suggestion. Raises NoSuchFile."""
    await _set(tx, id_, true(), published=False, alt_ko=None, alt_en=None, suggestion_id=None, citizen_id=None)


async def disown_files(tx: AsyncSession, citizen: CitizenId) -> None:
    """Let go of a citizen's files, save those that are published with an answered suggestion."""
    answered = select(SuggestionRow.id).where(SuggestionRow.citizen_id == citizen, SuggestionRow.status.in_(ANSWERED))
    stays = AttachmentRow.published & AttachmentRow.suggestion_id.in_(answered)
    theirs = update(AttachmentRow).where(AttachmentRow.citizen_id == citizen)
    await tx.execute(theirs.where(~func.coalesce(stays, False)).values(suggestion_id=None, published=False))
    await tx.execute(theirs.values(citizen_id=None))


async def _find(tx: AsyncSession, *wanted: ColumnElement[bool]) -> list[Attachment]:
    rows = await tx.scalars(select(AttachmentRow).where(*wanted).order_by(AttachmentRow.id))
    return [_attachment(row) for row in rows]


async def _set(
    tx: AsyncSession,
    id_: int,
    as_wanted: ColumnElement[bool],
    **values: Any,  # columns of AttachmentRow, each of its own type
) -> None:
    tied = AttachmentRow.id == id_, AttachmentRow.suggestion_id.is_not(None)
    changed = update(AttachmentRow).where(*tied, as_wanted).values(**values).returning(AttachmentRow.id)
    if await tx.scalar(changed) is None:
        raise NoSuchFile


def _attachment(row: AttachmentRow) -> Attachment:
    return Attachment(
        id=row.id,
        key=row.key,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        published=row.published,
        alt=Both(ko=row.alt_ko, en=row.alt_en) if row.alt_ko and row.alt_en else None,
        at=row.at,
    )
