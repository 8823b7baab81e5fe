"""What staff keep beside a suggestion, never public: notes, templates, filters, who looks, what waits."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class NoteRow(Base):
    """An internal note."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    text: Mapped[str]
    at: Mapped[datetime]


class ProposalRow(Base):
    """A decision that waits for the approval of a second person; one a suggestion.

    `version` is that of the suggestion when it was proposed. With the same state before and after, it is a correction.
    """

    __tablename__ = "proposed_decisions"

    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    before: Mapped[str]
    after: Mapped[str]
    ko: Mapped[str]
    en: Mapped[str]
    version: Mapped[int]
    at: Mapped[datetime]


class TemplateRow(Base):
    """A text for answers, with placeholders, in both languages."""

    __tablename__ = "answer_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    ko: Mapped[str]
    en: Mapped[str]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    changed_at: Mapped[datetime]


class SavedFilterRow(Base):
    """A view of the queue that one member of staff comes back to. `query` is that of the queue's address."""

    __tablename__ = "saved_filters"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    query: Mapped[str]


class LookingRow(Base):
    """Who has a suggestion's page open, as of `at`. Unlogged: losing it costs nobody anything."""

    __tablename__ = "looking"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012  # SQLAlchemy's own name for it

    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]
