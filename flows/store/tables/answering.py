"""Questions the bot could not answer, and what it searches."""

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
