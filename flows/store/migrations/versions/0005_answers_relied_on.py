"""Ratings of answers, questions to staff, announcements, and what an answer could have been about instead."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_answers_relied_on"
down_revision: str | Sequence[str] | None = "0004_learning"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("citizens", sa.Column("others", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("citizens", sa.Column("announced", sa.BigInteger(), nullable=True))
    op.create_table(
        "announcements",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ko", sa.String(), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "enquiries",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("citizen_id", sa.BigInteger(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["answered_by"], ["staff.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_enquiries_citizen_id", "enquiries", ["citizen_id"])
    op.create_index("ix_enquiries_state", "enquiries", ["state", "id"])
    op.create_table(
        "ratings",
        sa.Column("citizen_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("citizen_id", "topic", "version"),
    )
    op.create_index("ix_ratings_topic", "ratings", ["topic"])
