"""Questions the bot could not answer, what citizens asked staff, how answers were rated, and what search reads."""

from datetime import datetime

from pgvector.sqlalchemy import Vector
from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class UnansweredRow(Base):
    """A masked question, with nothing that says who asked it; and what staff say that it meant."""

    __tablename__ = "unanswered"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lang: Mapped[str]
    text: Mapped[str]
    best: Mapped[str | None]
    confidence: Mapped[float]
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="open")
    intent: Mapped[str | None]
    labelled_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    labelled_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]


class TopicTextRow(Base):
    """A topic in one language as search sees it, brought here from the content at each start.

    `hash` is that of what the other columns were made from; `meaning` is empty where the encoder could not be loaded.
    """

    __tablename__ = "topic_texts"

    topic: Mapped[str] = mapped_column(primary_key=True)
    lang: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[str]
    words: Mapped[str] = mapped_column(TSVECTOR)
    meaning: Mapped[list[float] | None] = mapped_column(Vector(512))


class EnquiryRow(Base):
    """A masked question that its citizen asked staff to answer, and the answer.

    `topic` is what the bot would have answered with, for staff to approve or to write something better.
    """

    __tablename__ = "enquiries"
    __table_args__ = (Index(None, "state", "id"), Index(None, "citizen_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"))
    lang: Mapped[str]
    text: Mapped[str]
    topic: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="open")
    asked_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    answered_at: Mapped[datetime | None]


class RatingRow(Base):
    """Whether one citizen found an answer helpful. `version` is the fingerprint of the text that they read."""

    __tablename__ = "ratings"
    __table_args__ = (Index(None, "topic"),)

    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(primary_key=True)
    lang: Mapped[str]
    helpful: Mapped[bool]
    at: Mapped[datetime]
