"""Answers that staff edited, questions the bot could not answer or that were for staff, ratings, what search reads."""

from datetime import datetime
from typing import Any

from pgvector.sqlalchemy import Vector
from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class AnswerVersionRow(Base):
    """A text of an answer as somebody wrote it in the console. Only its state changes.

    `content` takes the place of what the topic's file says; `based_on` is the hash of the text that was in use then.
    """

    __tablename__ = "answer_versions"
    __table_args__ = (Index(None, "topic", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    based_on: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="proposed")
    made_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    made_at: Mapped[datetime]


class AnswerUseRow(Base):
    """That a text of an answer was put to use: a version, or where there is none, the file's own.

    The last row of a topic holds, and the last of all is the edition of the answers: rows are only added, one at a
    time. `file` is the hash of what the topic's file said then.
    """

    __tablename__ = "answer_uses"
    __table_args__ = (Index(None, "topic", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("answer_versions.id"))
    file: Mapped[str]
    used_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    used_at: Mapped[datetime]


class UnansweredRow(Base):
    """A masked question, with nothing that says who asked it; and what staff say that it meant.

    Beside what was asked (`kind`): an example that staff wrote, or one of the training files that is to go.
    """

    __tablename__ = "unanswered"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    lang: Mapped[str]
    text: Mapped[str]
    best: Mapped[str | None]
    confidence: Mapped[float]
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="open")
    kind: Mapped[str] = mapped_column(server_default="asked")
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
