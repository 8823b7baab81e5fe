"""Who follows what and how often, and when alerts may reach them."""

from datetime import datetime, time
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class FollowRow(Base):
    """`commitment` is a code, `all`, `theme-<theme>` or the receipt of a suggestion.

    Its name is from before there was more to follow.
    """

    __tablename__ = "follows"
    __table_args__ = (Index(None, "commitment", "frequency"),)

    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"), primary_key=True)
    commitment: Mapped[str] = mapped_column(primary_key=True)
    frequency: Mapped[str]
    since: Mapped[datetime]


class AlertSettingsRow(Base):
    """What a citizen has chosen beyond the city's hours; who has chosen nothing has no row.

    Days of the week count from Monday, 0; day 31 of the month is its last. `resumes_at`: nothing is sent before, and
    then all that was held at once. `weekly_done`, `monthly_done`: the last time of their own that was seen to.
    `settled`: what they were owed already has been moved to their hours. `before`: what undoing brings back.
    """

    __tablename__ = "alert_settings"
    __table_args__ = (
        Index(None, "resumes_at", postgresql_where="resumes_at IS NOT NULL"),
        Index("ix_alert_settings_unsettled", "citizen_id", postgresql_where="NOT settled"),
    )

    citizen_id: Mapped[int] = mapped_column(ForeignKey("citizens.id", ondelete="CASCADE"), primary_key=True)
    weekday: Mapped[int | None] = mapped_column(SmallInteger)
    month_day: Mapped[int | None] = mapped_column(SmallInteger)
    digest_at: Mapped[time | None]
    zone: Mapped[str | None]
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    weekends: Mapped[bool] = mapped_column(server_default="true")
    lang: Mapped[str | None]
    resumes_at: Mapped[datetime | None]
    weekly_done: Mapped[datetime]
    monthly_done: Mapped[datetime]
    settled: Mapped[bool] = mapped_column(server_default="false")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
