"""One-time links to set a password with: no mail server is needed, somebody hands them over."""

import asyncio
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts.audit import audit
from flows.accounts.passwords import check_password, hashed
from flows.accounts.sessions import end_sessions, hash_of
from flows.accounts.staff import NoColleague, check_name, make, read_email, staff_of
from flows.accounts.values import Role, Staff
from flows.errors import NotFound
from flows.store import Database
from flows.store.tables.accounts import RecoveryCodeRow, StaffLinkRow, StaffRow
from flows.wording import N_

LINK_LASTS = timedelta(hours=72)


class LinkOver(NotFound):
    message = N_(
        "This link does not work any more: it has been used, it is older than three days, or a newer one was made. "
        "Please ask an administrator for another one."
    )


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is handed over: whose it is, and the token for its address, which is kept nowhere."""

    staff: Staff
    token: str


async def invite(tx: AsyncSession, email: str, role: Role, *, name: str = "", by: Staff | None, at: datetime) -> Link:
    """Make an account without a password, and a link to set one. Raises BadEmail, LongName, EmailTaken.

    Somebody who had left gets their account back.
    """
    check_name(name)
    staff = await make(tx, read_email(email), role, name=name or None, password_hash=None, at=at)
    await audit(tx, by, "staff.invited", staff.email, after={"role": role}, at=at)
    return await _link(tx, staff, at=at)


async def reset(tx: AsyncSession, id_: int, *, without_factor: bool = False, by: Staff | None, at: datetime) -> Link:
    """Take somebody's password, and their second factor if asked, and end their sessions.

    The link to set a new one takes the place of an earlier link. Raises NoColleague.
    """
    values: dict[str, Any] = {"password_hash": None} | ({"factor": None} if without_factor else {})
    there = update(StaffRow).where(StaffRow.id == id_, StaffRow.left_at.is_(None))
    row = await tx.scalar(there.values(values).returning(StaffRow))
    if row is None:
        raise NoColleague
    if without_factor:
        await tx.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.staff_id == id_))
    await end_sessions(tx, id_)
    await audit(tx, by, "staff.reset", row.email, after={"second_factor_off": without_factor}, at=at)
    return await _link(tx, staff_of(row), at=at)


async def behind_link(tx: AsyncSession, token: str, *, at: datetime) -> Staff:
    """Whose link this is. Looking does not use it. Raises LinkOver."""
    good = select(StaffRow).join(StaffLinkRow, StaffLinkRow.staff_id == StaffRow.id).where(_good(token, at))
    row = await tx.scalar(good)
    if row is None:
        raise LinkOver
    return staff_of(row)


async def use_link(db: Database, token: str, password: str, *, at: datetime) -> Staff:
    """Set the password of whose link this is, and use the link up. Raises LinkOver, WeakPassword."""
    async with db.transaction() as tx:
        staff = await behind_link(tx, token, at=at)
    check_password(password, staff.email)
    password_hash = await asyncio.to_thread(hashed, password)
    async with db.transaction() as tx:
        used = await tx.scalar(delete(StaffLinkRow).where(_good(token, at)).returning(StaffLinkRow.staff_id))
        if used is None:
            raise LinkOver
        await tx.execute(update(StaffRow).where(StaffRow.id == used).values(password_hash=password_hash))
        await end_sessions(tx, used)
        await audit(tx, staff, "staff.password_set", staff.email, at=at)
    return staff


async def _link(tx: AsyncSession, staff: Staff, *, at: datetime) -> Link:
    token = secrets.token_urlsafe(32)
    values = {"token_hash": hash_of(token), "expires_at": at + LINK_LASTS}
    row = insert(StaffLinkRow).values(staff_id=staff.id, **values)
    await tx.execute(row.on_conflict_do_update(index_elements=["staff_id"], set_=values))
    return Link(staff, token)


def _good(token: str, at: datetime) -> ColumnElement[bool]:
    return and_(StaffLinkRow.token_hash == hash_of(token), StaffLinkRow.expires_at > at)
