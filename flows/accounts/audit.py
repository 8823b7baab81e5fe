"""The record of what staff did."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts.staff import Staff
from flows.store.tables.accounts import AuditRow


async def audit(tx: AsyncSession, by: Staff, action: str, target: str, *, at: datetime) -> None:
    """Note an act in the transaction that does it. `target` names a thing of ours, never a citizen."""
    tx.add(AuditRow(staff_id=by.id, action=action, target=target, at=at))
