"""Members of staff and their roles."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from argon2 import PasswordHasher
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.errors import Conflict, Invalid
from flows.store.tables.accounts import StaffRow
from flows.wording import N_

PASSWORD_LEAST_CHARS = 10
hasher = PasswordHasher()  # Argon2id with the library's own figures (RFC 9106, second recommended option)


class EmailTaken(Conflict):
    message = N_("There is an account for {email} already.")


class WeakPassword(Invalid):
    field = "password"
    message = N_("Please choose a password of at least {least} characters.")


class Role(StrEnum):
    """What somebody may do; each may do what those before it may."""

    REVIEWER = "reviewer"
    EDITOR = "editor"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)

    @property
    def wording(self) -> str:
        return ROLE_WORDING[self]


ROLE_WORDING = {
    Role.REVIEWER: N_("Reviewer: reads and answers suggestions"),
    Role.EDITOR: N_("Editor: also writes updates and milestones"),
    Role.ADMIN: N_("Administrator: may do everything"),
}


@dataclass(frozen=True, slots=True)
class Staff:
    id: int
    email: str
    role: Role


async def add(tx: AsyncSession, email: str, role: Role, password: str, *, at: datetime) -> Staff:
    """Make an account. Raises EmailTaken, WeakPassword.

    Hashing takes some 50 ms of CPU: for a command, not for a busy loop.
    """
    if len(password) < PASSWORD_LEAST_CHARS:
        raise WeakPassword(least=PASSWORD_LEAST_CHARS)
    email = email.strip().lower()
    row = insert(StaffRow).values(email=email, role=role, password_hash=hasher.hash(password), created_at=at)
    made = await tx.scalar(row.on_conflict_do_nothing().returning(StaffRow.id))
    if made is None:
        raise EmailTaken(email=email)
    return Staff(made, email, role)
