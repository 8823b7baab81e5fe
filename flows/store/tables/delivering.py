"""What is owed to whom: notices, deliveries, the web chat's mailbox, the rules of the digests."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class NoticeRow(Base):
    """Something worth telling: an update, one edition of a digest, the answer to a suggestion.

    `subject` makes it unique within its kind: `KRGNJ0001/3`, `weekly/2026-11-23`, a receipt and its review.
    A personal notice carries its own words, and its buttons in `choices` (value, ko, en); the others are written from
    the updates when they are sent. `about`: what one may follow to be told of it, the nearest first.
    """

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    ko: Mapped[str | None]
    en: Mapped[str | None]
    choices: Mapped[list[dict[str, str]] | None] = mapped_column(JSONB)
    about: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    since: Mapped[datetime | None]
    created_at: Mapped[datetime]


class DeliveryRow(Base):
    """One notice owed to one citizen; the unique pair is what decides that a message is sent once.

    `gathered`: it waits for the citizen's next digest. `bundled`: it is told in that one, `digest_id`.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "citizen_id"),
        Index("ix_deliveries_owed", "due_at", postgresql_where="state IN ('owed', 'claimed')"),
        Index("ix_deliveries_gathered", "citizen_id", postgresql_where="state = 'gathered'"),
        Index(None, "citizen_id"),
        Index(None, "digest_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(default="owed")
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id", ondelete="SET NULL"))


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
