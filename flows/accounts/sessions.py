"""Signed-in browsers. A session lives in a row; the browser holds its token, the row only the token's hash."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts.staff import staff_of
from flows.accounts.values import Staff
from flows.store.tables.accounts import StaffRow, StaffSessionRow

LASTS = timedelta(hours=8)  # a working day
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in. `csrf` must come back with every form they send. `id` names the session, and opens none."""

    staff: Staff
    csrf: str
    id: str


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """A line in the list of one's sessions. `browser` is its kind, such as “Firefox, Windows”."""

    id: str
    browser: str
    since: datetime
    seen: datetime


async def open_session(tx: AsyncSession, staff_id: int, browser: str, *, at: datetime) -> str:
    """The token of a new session."""
    token = secrets.token_urlsafe(32)
    await tx.execute(delete(StaffSessionRow).where(StaffSessionRow.expires_at <= at))
    row = StaffSessionRow(
        token_hash=hash_of(token),
        staff_id=staff_id,
        csrf=secrets.token_urlsafe(32),
        browser=browser,
        seen_at=at,
        expires_at=at + LASTS,
    )
    tx.add(row)
    return token


async def session_of(tx: AsyncSession, token: str, *, at: datetime) -> Session | None:
    """Who holds this token, if it is still good. Notes once a minute that they were seen."""
    found = await tx.execute(
        select(StaffRow, StaffSessionRow)
        .join(StaffRow, StaffRow.id == StaffSessionRow.staff_id)
        .where(
            StaffSessionRow.token_hash == hash_of(token), StaffSessionRow.expires_at > at, StaffRow.left_at.is_(None)
        )
    )
    row = found.one_or_none()
    if row is None:
        return None
    staff, session = row
    if session.seen_at is None or session.seen_at <= at - SEEN_EVERY:
        mine = StaffSessionRow.token_hash == session.token_hash
        await tx.execute(update(StaffSessionRow).where(mine).values(seen_at=at))
    return Session(staff_of(staff), session.csrf, session.token_hash)


async def sessions_of(tx: AsyncSession, staff: Staff, *, at: datetime) -> list[SessionSeen]:
    """The browsers in which somebody is signed in, the last seen first."""
    mine = select(StaffSessionRow).where(StaffSessionRow.staff_id == staff.id, StaffSessionRow.expires_at > at)
    seen = [
        SessionSeen(row.token_hash, row.browser, since := row.expires_at - LASTS, row.seen_at or since)
        for row in await tx.scalars(mine)
    ]
    return sorted(seen, key=lambda session: session.seen, reverse=True)


async def end_session(tx: AsyncSession, staff: Staff, id_: str) -> None:
    """End one of one's own; one that is over already is none."""
    mine = delete(StaffSessionRow).where(StaffSessionRow.staff_id == staff.id, StaffSessionRow.token_hash == id_)
    await tx.execute(mine)


async def end_sessions(tx: AsyncSession, staff_id: int, *, but: str | None = None) -> None:
    """End all of somebody's sessions, save `but`."""
    theirs = delete(StaffSessionRow).where(StaffSessionRow.staff_id == staff_id)
    await tx.execute(theirs.where(StaffSessionRow.token_hash != but) if but else theirs)


async def sign_out(tx: AsyncSession, token: str) -> None:
    await tx.execute(delete(StaffSessionRow).where(StaffSessionRow.token_hash == hash_of(token)))


def hash_of(token: str) -> str:
    """What is kept of something random and long."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
