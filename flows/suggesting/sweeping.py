"""Files that nobody wants any more.

A file is kept before its row is written, so that no row points to nothing; one without a row is swept here. The other
way round a row stays until its file is gone, so that no file is forgotten. Stopped anywhere, it goes on the next time.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update

from flows import citizens, commitments
from flows.store import Database
from flows.store.files import Files
from flows.store.tables.suggesting import AttachmentRow
from flows.suggesting.confirming import STEPS

KEPT_UNCLAIMED = timedelta(days=1)  # a file whose sender has no draft open
ROW_WITHIN = timedelta(hours=1)  # a file without a row may still get one
LOOKED_BACK = timedelta(days=30)  # for files without a row, should nobody have swept for a while


async def sweep_files(db: Database, files: Files, *, at: datetime) -> None:
    """Delete what was let go, what nobody claimed, and files that never got a row. Raises FilesAway."""
    async with db.transaction() as tx:
        # Let go of before their files are deleted: a suggestion that is sent at this moment must not keep them.
        let_go = update(AttachmentRow).where(_to_sweep(at)).values(citizen_id=None)
        rows = (await tx.execute(let_go.returning(AttachmentRow.id, AttachmentRow.key))).all()
    for row in rows:
        await files.delete(row.key)
        async with db.transaction() as tx:
            await tx.execute(delete(AttachmentRow).where(AttachmentRow.id == row.id))
    async for keys in files.keys(since=at - LOOKED_BACK, before=at - ROW_WITHIN):
        async with db.transaction() as tx:
            known = set(await tx.scalars(select(AttachmentRow.key).where(AttachmentRow.key.in_(keys))))
            known |= await commitments.evidence_keys(tx, keys)
        for key in keys:
            if key not in known:
                await files.delete(key)


def _to_sweep(at: datetime) -> ColumnElement[bool]:
    writing = citizens.at_step(STEPS)
    unclaimed = (AttachmentRow.at < at - KEPT_UNCLAIMED) & AttachmentRow.citizen_id.not_in(writing)
    return AttachmentRow.suggestion_id.is_(None) & (AttachmentRow.citizen_id.is_(None) | unclaimed)
