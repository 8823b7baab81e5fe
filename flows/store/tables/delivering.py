"""What is owed to whom: notices, deliveries, the web chat's mailbox, the rules of the digests."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class NoticeRow(Base):
    """Something worth telling: an update, one edition of a digest, the answer to a suggestion.

    `subject` makes it unique within its kind: `KRGNJ0001/3`, `weekly/2026-11-23`, a receipt and its review.
    A personal notice carries its own words, and its buttons in `choices` (value, ko, en); the others are written from
    the updates when they are sent.
    """

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    ko: Mapped[str | None]
    en: Mapped[str | None]
    choices: Mapped[list[dict[str, str]] | None] = mapped_column(JSONB)
    since: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DeliveryRow(Base):
    """One notice owed to one citizen; the unique pair is what decides that a message is sent once."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "citizen_id"),
        Index("ix_deliveries_owed", "due_at", postgresql_where="state IN ('owed', 'claimed')"),
        Index(None, "citizen_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(default="owed")
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]


class MailRow(Base):
    """A message pushed to a web chat, waiting there to be read. `choices`: its buttons (label, value)."""

    __tablename__ = "mail"
    __table_args__ = (Index(None, "address", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str]
    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"))
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), unique=True)
    kind: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    choices: Mapped[list[dict[str, str]] | None] = mapped_column(JSONB)
    sent_at: Mapped[datetime]


class RuleRow(Base):
    """When a digest goes out, as a crontab line in the city's time, and when it last did."""

    __tablename__ = "rules"

    name: Mapped[str] = mapped_column(primary_key=True)
    crontab: Mapped[str]
    fired_at: Mapped[datetime]


class StaffChatRow(Base):
    """A chat in which staff are told what waits. `title`: what a group is called there; none for a private chat."""

    __tablename__ = "staff_chats"

    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"), primary_key=True)
    title: Mapped[str | None]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    joined_at: Mapped[datetime]


class StaffChatCodeRow(Base):
    """A code that makes a chat one of the staff's, used once. Only its hash is kept. `lang`: what is spoken there."""

    __tablename__ = "staff_chat_codes"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    lang: Mapped[str]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
