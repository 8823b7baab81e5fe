"""Signing in: a password, a code where there is a second factor, and limits that an attacker cannot turn on others.

A browser that signed in before shows a signed cookie and is counted by itself; all other browsers that try one e-mail
share a count (OWASP, “Slow down online guessing attacks with device cookies”). So whoever hammers an e-mail locks out
strangers, not its owner.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts.audit import audit
from flows.accounts.passwords import check_password, fits, hashed
from flows.accounts.second_factor import pass_factor
from flows.accounts.sessions import end_sessions, hash_of, open_session
from flows.accounts.values import Staff
from flows.errors import Conflict, Invalid
from flows.store import Database
from flows.store.keeping import limit
from flows.store.tables.accounts import StaffRow
from flows.wording import N_

WINDOW, TRIES, TRIES_PER_ADDRESS, TRIES_OF_CODE = timedelta(minutes=15), 10, 30, 5
TICKET_LASTS = timedelta(minutes=10)


class SignInFailed(Invalid):
    """Wrong e-mail or password: which of the two is nobody's business."""

    field = "password"
    message = N_("This e-mail and password do not belong together. Please try again.")


class TicketOver(Conflict):
    """The password was given too long ago, or has changed since."""

    message = N_("That took too long. Please sign in once more.")


class WrongPassword(Invalid):
    field = "present"
    message = N_("This is not your present password.")


@dataclass(frozen=True, slots=True)
class Knock:
    """Who is at the door: network address, device cookie, and the kind of browser."""

    address: str
    device: str
    browser: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The token of a new session, and the device cookie for the next time."""

    token: str
    device: str


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The password was right; `ticket` goes with the code of the second factor."""

    ticket: str


async def sign_in(
    db: Database, email: str, password: str, *, knock: Knock, key: str, at: datetime
) -> SignedIn | CodeNeeded:
    """Raises SignInFailed, TooMany."""
    email = email.strip().lower()
    async with db.transaction() as tx:
        row = await tx.scalar(select(StaffRow).where(StaffRow.email == email, StaffRow.left_at.is_(None)))
    await _count(db, "sign_in", email, row, knock, key=key, most=TRIES, at=at)
    if not await asyncio.to_thread(fits, row.password_hash if row else None, password) or row is None:
        raise SignInFailed
    if row.factor:
        until = int((at + TICKET_LASTS).timestamp())
        return CodeNeeded(str(_signer(key, "ticket").dumps([row.id, until, _mark(row)])))
    async with db.transaction() as tx:
        return await _let_in(tx, row, knock, key=key, at=at)


async def sign_in_with_code(db: Database, ticket: str, code: str, *, knock: Knock, key: str, at: datetime) -> SignedIn:
    """The second step, with the code of the app or a recovery code. Raises TicketOver, WrongCode, TooMany."""
    id_, until, mark = _read(key, "ticket", ticket) or (0, 0, "")
    async with db.transaction() as tx:
        row = await tx.get(StaffRow, id_)
    if row is None or at.timestamp() > until or mark != _mark(row):
        raise TicketOver
    await _count(db, "sign_in_code", row.email, row, knock, key=key, most=TRIES_OF_CODE, at=at)
    async with db.transaction() as tx:
        await pass_factor(tx, row, code, key=key, at=at)
        return await _let_in(tx, row, knock, key=key, at=at)


def device_cookie(staff_id: int, *, key: str) -> str:
    """By which a browser shows that this colleague has used it before."""
    return str(_signer(key, "device").dumps([staff_id, secrets.token_urlsafe(16)]))


async def check_own(db: Database, staff: Staff, password: str, *, at: datetime) -> None:
    """Whether it is really them who sit there, before something that matters. Raises WrongPassword, TooMany."""
    async with db.transaction() as tx:
        await limit(tx, at, WINDOW, own_password=(str(staff.id), TRIES))
    async with db.transaction() as tx:
        password_hash = await tx.scalar(select(StaffRow.password_hash).where(StaffRow.id == staff.id))
    if not await asyncio.to_thread(fits, password_hash, password):
        raise WrongPassword


async def change_password(db: Database, staff: Staff, present: str, new: str, *, session: str, at: datetime) -> None:
    """Ends all sessions but `session`. Raises WrongPassword, WeakPassword, TooMany."""
    await check_own(db, staff, present, at=at)
    check_password(new, staff.email)
    password_hash = await asyncio.to_thread(hashed, new)
    async with db.transaction() as tx:
        # Not in the place of none: a reset that came between stays.
        mine = update(StaffRow).where(StaffRow.id == staff.id, StaffRow.password_hash.is_not(None))
        if await tx.scalar(mine.values(password_hash=password_hash).returning(StaffRow.id)) is None:
            raise WrongPassword
        await end_sessions(tx, staff.id, but=session)
        await audit(tx, staff, "staff.password_set", staff.email, at=at)


async def _count(
    db: Database, what: str, email: str, row: StaffRow | None, knock: Knock, *, key: str, most: int, at: datetime
) -> None:
    device = _read(key, "device", knock.device)
    async with db.transaction() as tx:
        if row and device and device[0] == row.id:
            await limit(tx, at, WINDOW, **{f"{what}_with": (device[1], most)})
        else:
            await limit(tx, at, WINDOW, **{what: (email, most), "sign_in_from": (knock.address, TRIES_PER_ADDRESS)})


async def _let_in(tx: AsyncSession, seen: StaffRow, knock: Knock, *, key: str, at: datetime) -> SignedIn:
    # The row is held, so that a reset at the same moment ends this session too, or stops it.
    same = select(StaffRow.id).where(StaffRow.id == seen.id, StaffRow.password_hash == seen.password_hash)
    if await tx.scalar(same.where(StaffRow.left_at.is_(None)).with_for_update()) is None:
        raise SignInFailed
    token = await open_session(tx, seen.id, knock.browser, at=at)
    return SignedIn(token, device_cookie(seen.id, key=key))


def _mark(row: StaffRow) -> str:
    """Changes with the password and with the second factor."""
    return hash_of(f"{row.password_hash} {row.factor}")


def _signer(key: str, what: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=f"damso staff {what}")


def _read(key: str, what: str, signed: str) -> Sequence[Any] | None:
    try:
        found: Sequence[Any] = _signer(key, what).loads(signed.encode("utf-8", "replace"))
    except BadData:
        return None
    return found
