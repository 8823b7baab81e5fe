"""Members of staff: who they are, what they may do, who comes and who goes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts.audit import audit
from flows.accounts.passwords import check_password, hashed
from flows.accounts.values import Role, Staff
from flows.errors import Conflict, Invalid, NotFound
from flows.store.tables.accounts import RecoveryCodeRow, StaffLinkRow, StaffRow, StaffSessionRow
from flows.wording import N_

EMAIL_MOST_CHARS = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
NAME_MOST_CHARS = 50

# What the roles may do, in the words of the console and of docs/staff.md: each act with the least role for it.
MAY: Mapping[str, Role] = {
    N_("Read suggestions and answer them"): Role.REVIEWER,
    N_("Answer what citizens ask the staff"): Role.REVIEWER,
    N_("Say what unanswered questions meant"): Role.REVIEWER,
    N_("Read the answers of the chatbot and see which are due for a review"): Role.REVIEWER,
    N_("Decide which questions the bot learns"): Role.EDITOR,
    N_("Change the answers of the chatbot"): Role.EDITOR,
    N_("Read how good the intent models are"): Role.EDITOR,
    N_("Hide suggestions, and take words out of them for good"): Role.EDITOR,
    N_("Write templates for answers to suggestions"): Role.EDITOR,
    N_("Write progress updates, send them, cancel and correct them"): Role.EDITOR,
    N_("Enter milestones and say how far a commitment is"): Role.EDITOR,
    N_("Bring in figures from a spreadsheet"): Role.EDITOR,
    N_("Show everyone an emergency notice"): Role.EDITOR,
    N_("Put an intent model to use"): Role.ADMIN,
    N_("Invite colleagues, change roles, make links for passwords, mark who has left"): Role.ADMIN,
    N_("Change when the service does what comes again, and run it now"): Role.ADMIN,
    N_("Read and export the audit log"): Role.ADMIN,
}


class EmailTaken(Conflict):
    message = N_("There is an account for {email} already.")


class BadEmail(Invalid):
    field = "email"
    message = N_("Please write an e-mail address, such as name@example.org.")


class LongName(Invalid):
    field = "name"
    message = N_("Please keep the name to {most} characters.")


class NoColleague(NotFound):
    message = N_("There is no such account, or its owner has left.")


class LastAdmin(Conflict):
    message = N_("This is the only administrator who can sign in. Make somebody else an administrator first.")


class RoleMoved(Conflict):
    message = N_("Somebody else has changed this role meanwhile, so nothing was changed. Look again.")


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody in the list of accounts. `is_invited`: a password has still to be set, by a link."""

    staff: Staff
    is_invited: bool
    left_at: datetime | None


async def add(tx: AsyncSession, email: str, role: Role, password: str, *, at: datetime) -> Staff:
    """Make an account, or that of somebody who had left anew. Raises BadEmail, EmailTaken, WeakPassword.

    Hashing takes some 50 ms of CPU: for a command, not for a busy loop.
    """
    email = read_email(email)
    check_password(password, email)
    return await make(tx, email, role, password_hash=hashed(password), at=at)


async def make(
    tx: AsyncSession, email: str, role: Role, *, name: str | None = None, password_hash: str | None, at: datetime
) -> Staff:
    """The row of a new account. Who had left gets theirs back. Raises EmailTaken."""
    fresh = {"role": role, "name": name, "password_hash": password_hash, "left_at": None}
    row = insert(StaffRow).values(email=email, created_at=at, **fresh)
    back = row.on_conflict_do_update(
        index_elements=["email"], set_=fresh, where=StaffRow.left_at.is_not(None)
    ).returning(StaffRow.id)
    made = await tx.scalar(back)
    if made is None:
        raise EmailTaken(email=email)
    return Staff(made, email, role, name)


async def colleagues(tx: AsyncSession) -> list[Colleague]:
    """Everybody who has or had an account, those who left last."""
    rows = await tx.scalars(select(StaffRow).order_by(StaffRow.left_at.is_not(None), StaffRow.called))
    return [_colleague(row) for row in rows]


def names(people: Iterable[Colleague]) -> dict[int, str]:
    """What to call each where one is chosen, by id: with the e-mail too where a name is not theirs alone."""
    staff = [one.staff for one in people]
    shared = Counter(them.called for them in staff)
    return {them.id: them.called if shared[them.called] == 1 else f"{them.called} ({them.email})" for them in staff}


async def colleague(tx: AsyncSession, id_: int) -> Colleague:
    """Raises NoColleague."""
    row = await tx.get(StaffRow, id_)
    if row is None:
        raise NoColleague
    return _colleague(row)


async def named(tx: AsyncSession, email: str) -> Staff:
    """The account of `email`. Raises NoColleague."""
    row = await tx.scalar(select(StaffRow).where(StaffRow.email == read_email(email), StaffRow.left_at.is_(None)))
    if row is None:
        raise NoColleague
    return staff_of(row)


async def set_role(tx: AsyncSession, id_: int, to: Role, *, seen: Role, by: Staff, at: datetime) -> None:
    """Give somebody another role. Raises NoColleague, LastAdmin, RoleMoved."""
    if to is not Role.ADMIN:
        await _leave_an_admin(tx, id_)
    them = (await colleague(tx, id_)).staff
    moved = update(StaffRow).where(StaffRow.id == id_, StaffRow.role == seen, StaffRow.left_at.is_(None))
    if await tx.scalar(moved.values(role=to).returning(StaffRow.id)) is None:
        raise RoleMoved
    if to is not seen:
        await audit(tx, by, "staff.role", them.email, before={"role": seen}, after={"role": to}, at=at)


async def rename(tx: AsyncSession, them: Staff, name: str, *, at: datetime) -> None:
    """Say how colleagues see oneself; empty for the e-mail. Raises LongName."""
    check_name(name)
    if (name or None) != them.name:
        await tx.execute(update(StaffRow).where(StaffRow.id == them.id).values(name=name or None))
        await audit(tx, them, "staff.name", them.email, before={"name": them.name}, after={"name": name or None}, at=at)


async def leave(tx: AsyncSession, id_: int, *, by: Staff, at: datetime) -> None:
    """Mark somebody as gone: they are out at once and stay in the history. Raises NoColleague, LastAdmin."""
    await _leave_an_admin(tx, id_)
    gone = update(StaffRow).where(StaffRow.id == id_, StaffRow.left_at.is_(None))
    row = await tx.scalar(gone.values(left_at=at, password_hash=None, factor=None).returning(StaffRow))
    if row is None:
        raise NoColleague
    for table in (StaffSessionRow, StaffLinkRow, RecoveryCodeRow):
        await tx.execute(delete(table).where(table.staff_id == id_))
    await audit(tx, by, "staff.left", row.email, before={"role": row.role}, at=at)


def read_email(written: str) -> str:
    """An e-mail address as we keep it. Raises BadEmail."""
    email = written.strip().lower()
    if len(email) > EMAIL_MOST_CHARS or not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise BadEmail
    return email


def check_name(name: str) -> None:
    """Raises LongName."""
    if len(name) > NAME_MOST_CHARS:
        raise LongName(most=NAME_MOST_CHARS)


def staff_of(row: StaffRow) -> Staff:
    return Staff(row.id, row.email, Role(row.role), row.name, row.factor is not None)


def _colleague(row: StaffRow) -> Colleague:
    return Colleague(staff_of(row), row.password_hash is None and row.left_at is None, row.left_at)


async def _leave_an_admin(tx: AsyncSession, without: int) -> None:
    """Hold the administrators until the transaction ends, and see that one is left. Raises LastAdmin."""
    able = (StaffRow.role == Role.ADMIN, StaffRow.left_at.is_(None), StaffRow.password_hash.is_not(None))
    admins = set(await tx.scalars(select(StaffRow.id).where(*able).order_by(StaffRow.id).with_for_update()))
    if without in admins and len(admins) == 1:
        raise LastAdmin
