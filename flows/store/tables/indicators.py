"""Indicators and their numbers. Nothing of a number is ever changed: a correction is a row of its own."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from flows.store.tables import Base


class IndicatorRow(Base):
    """`content` is what is said of a series; the files say it until staff do (`by_staff`)."""

    __tablename__ = "indicators"

    code: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    by_staff: Mapped[bool] = mapped_column(default=False)


class ObservationRow(Base):
    """One number, in force until `replaced_at`."""

    __tablename__ = "observations"
    __table_args__ = (
        Index("ix_observations_in_force", "indicator", "period", unique=True, postgresql_where="replaced_at IS NULL"),
        Index("ix_observations_indicator", "indicator"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator: Mapped[str] = mapped_column(ForeignKey("indicators.code"))
    period: Mapped[str]
    value: Mapped[Decimal] = mapped_column(Numeric)
    as_of: Mapped[str]
    source: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    by_staff: Mapped[bool]
    written_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
