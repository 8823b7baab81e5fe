"""Signing in and out. A session lives in a row; the browser holds its token, the row only the token's hash."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2.exceptions import VerifyMismatchError
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts.staff import Role, Staff, hasher
from flows.errors import Invalid
from flows.store import Database
from flows.store.keeping import limit
from flows.store.tables.accounts import StaffRow, StaffSessionRow
from flows.wording import N_

LASTS = timedelta(hours=8)  # a working day
WINDOW, TRIES_PER_EMAIL, TRIES_PER_ADDRESS = timedelta(minutes=15), 10, 30
NOBODY = hasher.hash("nobody has this password")  # so that an unknown e-mail takes as long as a wrong password


class SignInFailed(Invalid):
    """Wrong e-mail or password: which of the two is nobody's business."""

    field = "password"
    message = N_("This e-mail and password do not belong together. Please try again.")


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in. `csrf` must come back with every form they send."""

    staff: Staff
    csrf: str


async def sign_in(db: Database, email: str, password: str, *, address: str, at: datetime) -> str:
    """The token of a new session. Raises SignInFailed, TooMany (per e-mail and per network address)."""
    email = email.strip().lower()
    async with db.transaction() as tx:
        await limit(tx, at, WINDOW, sign_in=(email, TRIES_PER_EMAIL), sign_in_from=(address, TRIES_PER_ADDRESS))
    async with db.transaction() as tx:
        row = await tx.scalar(select(StaffRow).where(StaffRow.email == email))
    if not await asyncio.to_thread(_fits, row.password_hash if row else NOBODY, password) or row is None:
        raise SignInFailed
    token = secrets.token_urlsafe(32)
    session = StaffSessionRow(
        token_hash=_hash(token), staff_id=row.id, csrf=secrets.token_urlsafe(32), expires_at=at + LASTS
    )
    async with db.transaction() as tx:
        await tx.execute(delete(StaffSessionRow).where(StaffSessionRow.expires_at <= at))
        tx.add(session)
    return token


async def session_of(tx: AsyncSession, token: str, *, at: datetime) -> Session | None:
    """Who holds this token, if it is still good."""
    found = await tx.execute(
        select(StaffRow.id, StaffRow.email, StaffRow.role, StaffSessionRow.csrf)
        .join(StaffRow, StaffRow.id == StaffSessionRow.staff_id)
        .where(StaffSessionRow.token_hash == _hash(token), StaffSessionRow.expires_at > at)
    )
    row = found.one_or_none()
    return Session(Staff(row.id, row.email, Role(row.role)), row.csrf) if row else None


async def sign_out(tx: AsyncSession, token: str) -> None:
    await tx.execute(delete(StaffSessionRow).where(StaffSessionRow.token_hash == _hash(token)))


def _fits(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except VerifyMismatchError:
        return False


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
