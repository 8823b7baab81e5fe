"""Writing progress updates, and what the city says of a commitment."""

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts import Staff
from flows.city import Both
from flows.commitments.changing import Means, recorded
from flows.commitments.documents import PlannedLevel
from flows.commitments.reading import NoSuchCommitment, plan_of, update_of
from flows.commitments.values import Status, Update
from flows.errors import Conflict, Invalid
from flows.store.tables.commitments import CommitmentRow, UpdateRow
from flows.wording import N_

UPDATE_MOST_CHARS = 1_000


class UpdateMissing(Invalid):
    message = N_("Please write the update in both languages: each follower reads it in theirs.")


class UpdateTooLong(Invalid):
    message = N_("Please keep the update to {most} characters. This one has {length}.")


class WrittenBefore(Conflict):
    """The same words once more: a form sent twice must not reach every follower twice."""

    message = N_("There is an update with these words already: {ref}.")


async def write_update(tx: AsyncSession, code: str, words: Both, *, publish_at: datetime, at: datetime) -> Update:
    """Write a progress update for later.

    Raises NoSuchCommitment, UpdateMissing, UpdateTooLong, WrittenBefore.
    """
    for words_of_one in (words.ko, words.en):
        check_update(words_of_one)
    counted = (
        update(CommitmentRow)
        .where(CommitmentRow.code == code)
        .values(updates_count=CommitmentRow.updates_count + 1)
        .returning(CommitmentRow.updates_count)
    )
    number = await tx.scalar(counted)
    if number is None:
        raise NoSuchCommitment(code=code)
    # After counting, which locks the commitment's row: the twin of a double click has committed by then.
    same = select(UpdateRow).where(UpdateRow.commitment == code, UpdateRow.ko == words.ko, UpdateRow.en == words.en)
    if twin := await tx.scalar(same):
        raise WrittenBefore(ref=update_of(twin).ref)
    row = UpdateRow(
        commitment=code,
        number=number,
        ko=words.ko,
        en=words.en,
        publish_at=publish_at,
        published_at=None,
        written_at=at,
    )
    tx.add(row)
    await tx.flush()
    return update_of(row)


def check_update(text: str) -> None:
    """Whether this can be the text of an update in one language. Raises UpdateMissing, UpdateTooLong."""
    if not text.strip():
        raise UpdateMissing
    if len(text) > UPDATE_MOST_CHARS:
        raise UpdateTooLong(most=UPDATE_MOST_CHARS, length=len(text))


async def mark_published(tx: AsyncSession, update_id: int, *, at: datetime) -> Update | None:
    """Make an update public; None when it already is, so that doing it twice tells nobody twice."""
    moved = (
        update(UpdateRow)
        .where(UpdateRow.id == update_id, UpdateRow.published_at.is_(None))
        .values(published_at=at)
        .returning(UpdateRow)
    )
    row = await tx.scalar(moved)
    return update_of(row) if row else None


async def set_status(
    tx: AsyncSession, code: str, status: Status, *, as_of: date, by: Staff | None, at: datetime
) -> None:
    """Say for the city how far a commitment is. Raises NoSuchCommitment."""
    plan = await plan_of(tx, code)
    async with recorded(tx, plan.code, by=by, means=Means.CONSOLE if by else Means.COMMAND, at=at):
        said = update(CommitmentRow).where(CommitmentRow.code == code)
        await tx.execute(said.values(status=status, status_as_of=as_of.isoformat()))


async def set_level(tx: AsyncSession, code: str, level: PlannedLevel | None, *, by: Staff | None, at: datetime) -> None:
    """Note what OGP's assessment says of a commitment, and where; None when there is none. Raises NoSuchCommitment."""
    plan = await plan_of(tx, code)
    async with recorded(tx, plan.code, by=by, means=Means.CONSOLE if by else Means.COMMAND, at=at):
        noted = level.model_dump(mode="json") if level else None
        await tx.execute(update(CommitmentRow).where(CommitmentRow.code == code).values(level=noted))
