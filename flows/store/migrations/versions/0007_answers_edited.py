"""Answers and examples that staff edit, with every version."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_answers_edited"
down_revision: str | Sequence[str] | None = "0006_accounts_kept"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_versions",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("based_on", sa.String(), nullable=False),
        sa.Column("state", sa.String(), server_default="proposed", nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_answer_versions_topic", "answer_versions", ["topic", "id"])
    op.create_table(
        "answer_uses",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=True),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("used_by", sa.BigInteger(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["used_by"], ["staff.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["version_id"], ["answer_versions.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_answer_uses_topic", "answer_uses", ["topic", "id"])
    op.add_column("unanswered", sa.Column("kind", sa.String(), server_default="asked", nullable=False))
