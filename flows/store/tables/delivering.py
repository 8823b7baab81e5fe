"""What is owed to whom: notices, deliveries, the web chat's mailbox; where staff get their tests."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class NoticeRow(Base):
    """Something worth telling: an update, one edition of a digest, the answer to a suggestion.

    `subject` makes it unique within its kind: `KRGNJ0001/3`, `weekly/2026-11-23`, a receipt and its review.
    A personal notice carries its own words, and its buttons in `choices` (value, ko, en); the others are written from
    the updates when they are sent. What is still owed at `expires_at` is not sent any more. `paused_because`: errors,
    or staff. `about`: what one may follow to be told of it, the nearest first.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index("ix_notices_paused", "id", postgresql_where="paused_at IS NOT NULL"),
        Index("ix_notices_expire", "expires_at", postgresql_where="NOT has_expired"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    ko: Mapped[str | None]
    en: Mapped[str | None]
    choices: Mapped[list[dict[str, str]] | None] = mapped_column(JSONB)
    about: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    since: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    has_expired: Mapped[bool] = mapped_column(server_default="false")
    created_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    paused_because: Mapped[str | None]


class DeliveryRow(Base):
    """One notice owed to one citizen; the unique pair is what decides that a message is sent once.

    `channel` is the citizen's, kept here so that the next ones of a channel are found by one index. `reason` says in
    a word why a message has failed or waits for its next try; `uncertain` counts the tries that may have arrived.

    `gathered`: it waits for the citizen's next digest. `bundled`: it is told in that one, `digest_id`. `paused`: it is
    owed, and set aside while its notice is paused.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("notice_id", "citizen_id"),
        Index("ix_deliveries_owed", "channel", "priority", "due_at", "id", postgresql_where="state = 'owed'"),
        Index("ix_deliveries_claimed", "claimed_until", postgresql_where="state = 'claimed'"),
        Index("ix_deliveries_ended", "notice_id", "ended_at", postgresql_where="ended_at IS NOT NULL"),
        Index("ix_deliveries_stuck", "notice_id", postgresql_where="state = 'failed' OR state = 'paused'"),
        Index("ix_deliveries_gathered", "citizen_id", postgresql_where="state = 'gathered'"),
        Index(None, "citizen_id"),
        Index(None, "digest_id", postgresql_where="digest_id IS NOT NULL"),
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
    digest_id: Mapped[int | None] = mapped_column(ForeignKey("deliveries.id", ondelete="SET NULL"))


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


class TesterRow(Base):
    """A member of staff and the chat of theirs that tests go to; `citizen_id` is none until its code was sent there."""

    __tablename__ = "testers"
    __table_args__ = (Index(None, "citizen_id"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    citizen_id: Mapped[int | None] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"))
    code_hash: Mapped[str | None]
    code_until: Mapped[datetime | None]


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
