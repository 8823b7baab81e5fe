"""The action plan: commitments, their milestones, their progress updates."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class CommitmentRow(Base):
    """`content` is what `plan.yml` says of it; `status` is what staff say, and outlives a reload of the content."""

    __tablename__ = "commitments"

    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str]
    status_as_of: Mapped[str]
    updates_count: Mapped[int] = mapped_column(default=0)


class MilestoneRow(Base):
    __tablename__ = "milestones"

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment: Mapped[str] = mapped_column(ForeignKey("commitments.code"), index=True)
    title_ko: Mapped[str]
    title_en: Mapped[str]
    due: Mapped[date]
    done: Mapped[date | None]


class UpdateRow(Base):
    """A progress update, numbered within its commitment. Public from the moment `published_at` is set.

    `publish_at` is when it is to become public; of a draft, when that is wanted or it was written. `corrects` is the
    update that it takes the place of, and `corrected_by` the published one that takes its own. `form` is the key of
    the form that it was written in, so that a form sent twice makes one.
    """

    __tablename__ = "updates"
    __table_args__ = (
        UniqueConstraint("commitment", "number"),
        UniqueConstraint("form"),
        Index("ix_updates_waiting", "publish_at", postgresql_where="state = 'scheduled'"),
        Index("ix_updates_corrects", "corrects", unique=True, postgresql_where="state <> 'cancelled'"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment: Mapped[str] = mapped_column(ForeignKey("commitments.code"))
    number: Mapped[int]
    ko: Mapped[str]
    en: Mapped[str]
    publish_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    written_at: Mapped[datetime]
    state: Mapped[str]
    milestone_id: Mapped[int | None] = mapped_column(ForeignKey("milestones.id", ondelete="SET NULL"))
    evidence: Mapped[str | None]
    expires_at: Mapped[datetime | None]
    corrects: Mapped[int | None] = mapped_column(ForeignKey("updates.id"))
    corrected_by: Mapped[int | None] = mapped_column(ForeignKey("updates.id"))
    version: Mapped[int] = mapped_column(default=1)
    form: Mapped[str | None]
