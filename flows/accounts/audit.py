"""The record of what staff did: who, what, to what, how it was before and after, when. The rows are never changed."""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts.values import Staff
from flows.store import Database
from flows.store.tables.accounts import AuditRow, StaffRow

COMMAND_LINE = "command line"
READ_AT_ONCE = 500
AUDIT_COLUMNS = ("id", "at", "by", "account", "action", "target", "before", "after")

type Detail = Mapping[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `by` is how whoever did it is called, `email` their account, none for the command line."""

    id: int
    at: datetime
    by: str
    email: str | None
    action: str
    target: str
    before: Detail | None
    after: Detail | None


@dataclass(frozen=True, slots=True)
class Acts:
    """Which acts somebody wants to see: all that fits every field given. `staff` 0 stands for the command line."""

    staff: int | None = None
    action: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None


async def audit(
    tx: AsyncSession,
    by: Staff | None,
    action: str,
    target: str,
    *,
    before: Detail | None = None,
    after: Detail | None = None,
    at: datetime,
) -> None:
    """Note an act in the transaction that does it. `by` is None for the command line.

    `target` names a thing of ours, never a citizen. `before` and `after` are short facts such as a state or a date:
    never what a citizen wrote, never a secret.
    """
    tx.add(
        AuditRow(
            at=at,
            staff_id=by.id if by else None,
            actor=None if by else COMMAND_LINE,
            action=action,
            target=target,
            before=dict(before) if before is not None else None,
            after=dict(after) if after is not None else None,
        )
    )


async def acts(tx: AsyncSession, wanted: Acts, *, before: int | None = None, limit: int) -> list[Act]:
    """The newest first; `before` is the id to go on from."""
    rows = _wanted(wanted).order_by(AuditRow.id.desc()).limit(limit)
    if before is not None:
        rows = rows.where(AuditRow.id < before)
    return [_act(row, called, email) for row, called, email in await tx.execute(rows)]


async def audit_rows(db: Database, wanted: Acts) -> AsyncIterator[tuple[int | str | None, ...]]:
    """The acts as rows of `AUDIT_COLUMNS`, the oldest first. What was before and after is JSON in its cell."""
    async for act in _every(db, wanted):
        at, before, after = act.at.isoformat(), _told(act.before), _told(act.after)
        yield act.id, at, act.by, act.email, act.action, act.target, before, after


async def _every(db: Database, wanted: Acts) -> AsyncIterator[Act]:
    """Read piece by piece, in short transactions."""
    after = 0
    while True:
        rows = _wanted(wanted).where(AuditRow.id > after).order_by(AuditRow.id).limit(READ_AT_ONCE)
        async with db.transaction() as tx:
            found = [_act(row, called, email) for row, called, email in await tx.execute(rows)]
        if not found:
            return
        for act in found:
            yield act
        after = found[-1].id


async def actions(tx: AsyncSession) -> list[str]:
    """Every kind of act that is in the record."""
    return list(await tx.scalars(select(AuditRow.action).distinct().order_by(AuditRow.action)))


def _wanted(wanted: Acts) -> Select[AuditRow, str, str]:
    rows = select(AuditRow, StaffRow.called, StaffRow.email).outerjoin(StaffRow, StaffRow.id == AuditRow.staff_id)
    if wanted.staff is not None:
        rows = rows.where(AuditRow.staff_id == wanted.staff if wanted.staff else AuditRow.staff_id.is_(None))
    if wanted.action:
        rows = rows.where(AuditRow.action == wanted.action)
    if wanted.target:
        rows = rows.where(AuditRow.target.contains(wanted.target, autoescape=True))
    if wanted.since:
        rows = rows.where(AuditRow.at >= wanted.since)
    if wanted.until:
        rows = rows.where(AuditRow.at < wanted.until)
    return rows


def _told(detail: Detail | None) -> str | None:
    return None if detail is None else json.dumps(detail, ensure_ascii=False)


def _act(row: AuditRow, called: str | None, email: str | None) -> Act:
    return Act(row.id, row.at, called or row.actor or "", email, row.action, row.target, row.before, row.after)
