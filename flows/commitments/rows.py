"""What the city says of a commitment, and what OGP's assessment does."""

from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts import Staff
from flows.commitments.changing import Means, recorded
from flows.commitments.documents import PlannedLevel
from flows.commitments.reading import plan_of
from flows.commitments.values import Status
from flows.store.tables.commitments import CommitmentRow


async def set_status(
    tx: AsyncSession, code: str, status: Status, *, as_of: date, by: Staff | None, at: datetime
) -> bool:
    """Say for the city how far a commitment is. The same as before keeps its date, and is no change: False.

    Raises NoSuchCommitment.
    """
    plan = await plan_of(tx, code)
    async with recorded(tx, plan.code, by=by, means=Means.CONSOLE if by else Means.COMMAND, at=at):
        other = update(CommitmentRow).where(CommitmentRow.code == code, CommitmentRow.status != status)
        said = other.values(status=status, status_as_of=as_of.isoformat()).returning(CommitmentRow.code)
        return await tx.scalar(said) is not None


async def set_level(tx: AsyncSession, code: str, level: PlannedLevel | None, *, by: Staff | None, at: datetime) -> None:
    """Note what OGP's assessment says of a commitment, and where; None when there is none. Raises NoSuchCommitment."""
    plan = await plan_of(tx, code)
    async with recorded(tx, plan.code, by=by, means=Means.CONSOLE if by else Means.COMMAND, at=at):
        noted = level.model_dump(mode="json") if level else None
        await tx.execute(update(CommitmentRow).where(CommitmentRow.code == code).values(level=noted))
