"""Who somebody is in a channel, and what was answered to which message."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class CitizenRow(Base):
    """One person in one channel. `address` is that channel's own: a chat id, a web session.

    `topic` is what the last answer was about, `others` what it could have been about instead, likeliest first.
    `announced` is the last announcement that they were shown. `plain`: they asked for plain words from now on.
    `reminded_at`: when they were last reminded of an open draft. `gone_at`: since when they are out of reach;
    `back_at`: when that was last over.
    """

    __tablename__ = "citizens"
    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str]
    address: Mapped[str]
    lang: Mapped[str]
    lang_chosen: Mapped[bool] = mapped_column(default=False)
    step: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    reminded_at: Mapped[datetime | None]
    plain: Mapped[bool] = mapped_column(server_default="false")
    topic: Mapped[str | None]
    others: Mapped[list[str] | None] = mapped_column(JSONB)
    announced: Mapped[int | None]
    noticed_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
    back_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class AnsweredRow(Base):
    """The answer to a message with an id: the same message again gets the same answer and no second effect."""

    __tablename__ = "answered"
    __table_args__ = (Index(None, "at"),)

    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[dict[str, Any]] = mapped_column(JSONB)
    at: Mapped[datetime]
