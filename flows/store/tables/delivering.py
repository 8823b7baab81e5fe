"""What is owed to whom: notices, deliveries, the web chat's mailbox, the rules of the digests."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class NoticeRow(Base):
    """Something worth telling: an update, one edition of a digest, the answer to a suggestion.

    `subject` makes it unique within its kind: `KRGNJ0001/3`, `weekly/2026-11-23`, a receipt and its review.
    A personal notice carries its own words, and its buttons in `choices` (value, ko, en); the others are written from
    the updates when they are sent. `paused_because`: errors, or the member of staff who paused it.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index("ix_notices_paused", "id", postgresql_where="paused_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    ko: Mapped[str | None]
    en: Mapped[str | None]
    choices: Mapped[list[dict[str, str]] | None] = mapped_column(JSONB)
    since: Mapped[datetime | None]
    created_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    paused_because: Mapped[str | None]


class DeliveryRow(Base):
    """One notice owed to one citizen; the unique pair is what decides that a message is sent once.

    `channel` is the citizen's, kept here so that the next ones of a channel are found by one index. `reason` says in
    a word why a message has failed or waits for its next try; `uncertain` counts the tries that may have arrived.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "citizen_id"),
        Index("ix_deliveries_owed", "channel", "priority", "due_at", "id", postgresql_where="state = 'owed'"),
        Index("ix_deliveries_claimed", "claimed_until", postgresql_where="state = 'claimed'"),
        Index("ix_deliveries_ended", "notice_id", "ended_at", postgresql_where="ended_at IS NOT NULL"),
        Index(None, "citizen_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("notices.id"))
    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"))
    channel: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(default="owed")
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    uncertain: Mapped[int] = mapped_column(SmallInteger, default=0)


class SendSlotRow(Base):
    """When an account of a channel may send next: one row for all processes that use the account.

    Unlogged: what a crash forgets is worth a fraction of a second, and so a slot costs no write to the disk.
    """

    __tablename__ = "send_slots"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012  # SQLAlchemy's own name for it

    account: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[datetime]


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
