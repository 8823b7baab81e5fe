"""The action plans: their commitments, milestones with evidence, progress updates, and every change of them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class PlanRow(Base):
    """`content`: title, period, city, sources. `loaded`: of which file it was last brought up to date, by its digest.

    A file that has not changed since leaves alone what staff imported after it.
    """

    __tablename__ = "plans"

    code: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    loaded: Mapped[str | None]


class CommitmentRow(Base):
    """`content` is the promise; `status` is what the city says of it, `level` what OGP's assessment says."""

    __tablename__ = "commitments"

    code: Mapped[str] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(ForeignKey("plans.code"), index=True)
    position: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str]
    status_as_of: Mapped[str]
    level: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    updates_count: Mapped[int] = mapped_column(default=0)
    milestones_count: Mapped[int] = mapped_column(server_default="0")


class MilestoneRow(Base):
    """`done` is the day on which it was reached, and is there just when the state is `complete`."""

    __tablename__ = "milestones"
    __table_args__ = (UniqueConstraint("commitment", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    commitment: Mapped[str] = mapped_column(ForeignKey("commitments.code"), index=True)
    number: Mapped[int]
    title_ko: Mapped[str]
    title_en: Mapped[str]
    due: Mapped[date]
    state: Mapped[str]
    done: Mapped[date | None]


class EvidenceRow(Base):
    """`key`: of a file in the store of files."""

    __tablename__ = "evidence"

    id: Mapped[int] = mapped_column(primary_key=True)
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestones.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    title_ko: Mapped[str]
    title_en: Mapped[str]
    dated: Mapped[date]
    url: Mapped[str | None]
    value: Mapped[Decimal | None]
    unit_ko: Mapped[str | None]
    unit_en: Mapped[str | None]
    key: Mapped[str | None] = mapped_column(unique=True)
    media_type: Mapped[str | None]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    entered_at: Mapped[datetime]


class PlanChangeRow(Base):
    """One field of a plan, a commitment or a milestone that changed. The rows are never changed.

    `milestone` is its number, `about_ko` and `about_en` its title then.

    No `before`: it was new; no `after`: it is gone.
    """

    __tablename__ = "plan_changes"
    __table_args__ = (Index(None, "commitment", "id"), Index(None, "plan", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(ForeignKey("plans.code"))
    commitment: Mapped[str | None]
    milestone: Mapped[int | None]
    about_ko: Mapped[str | None]
    about_en: Mapped[str | None]
    field: Mapped[str]
    before: Mapped[str | None]
    after: Mapped[str | None]
    means: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    at: Mapped[datetime]


class PlanTaskRow(Base):
    """Something in the plan that wants a member of staff: found by the clock, ended when the milestone moves.

    `since` is the day that makes it this task: another due date or a later sign is another task.
    """

    __tablename__ = "plan_tasks"
    __table_args__ = (
        UniqueConstraint("milestone_id", "kind", "since"),
        Index("ix_plan_tasks_open", "id", postgresql_where="ended_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    milestone_id: Mapped[int] = mapped_column(ForeignKey("milestones.id", ondelete="CASCADE"))
    kind: Mapped[str]
    since: Mapped[date]
    made_at: Mapped[datetime]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    acknowledged_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


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
