"""Indicators: series of numbers with unit, source and date."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_indicators"
down_revision: str | Sequence[str] | None = "0010_plan_as_data"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "indicators",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "observations",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("as_of", sa.String(), nullable=False),
        sa.Column("source", postgresql.JSONB(), nullable=False),
        sa.Column("note", postgresql.JSONB(), nullable=True),
        sa.Column("by_staff", sa.Boolean(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["indicator"], ["indicators.code"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_observations_indicator", "observations", ["indicator"])
    op.create_index(
        "ix_observations_in_force",
        "observations",
        ["indicator", "period"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
