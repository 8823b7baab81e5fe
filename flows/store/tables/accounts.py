"""Staff, how they get in, and what they did. A row of `staff` is never deleted: who has left is marked so."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class StaffRow(Base):
    """`factor` is what the secret of the second factor is made from, `factor_step` the last time step that was used."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str | None]
    role: Mapped[str]
    password_hash: Mapped[str | None]  # none while a link waits to be used
    created_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    factor: Mapped[str | None]
    factor_step: Mapped[int | None]

    @hybrid_property
    def called(self) -> str:
        """How colleagues see them."""
        return self.name or self.email

    @called.inplace.expression
    @classmethod
    def _called(cls) -> ColumnElement[str]:
        return func.coalesce(cls.name, cls.email)


class StaffLinkRow(Base):
    """A link to set a password with, used once. Only the hash of its token is kept."""

    __tablename__ = "staff_links"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]


class RecoveryCodeRow(Base):
    """The hash of a code that replaces the second factor once."""

    __tablename__ = "staff_recovery_codes"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(primary_key=True)


class StaffSessionRow(Base):
    """A signed-in browser. Only the hash of its token is kept."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str]
    browser: Mapped[str] = mapped_column(server_default="")
    seen_at: Mapped[datetime | None]  # none in a session from before it was noted
    expires_at: Mapped[datetime]


class AuditRow(Base):
    """One act. A trigger refuses to change or delete it. `actor` says who where no account acted."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    actor: Mapped[str | None]
    action: Mapped[str]
    target: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
