"""Chats in which staff are told what waits for them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0009_staff_chat"
down_revision: str | Sequence[str] | None = "0008_suggestions_answered"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_chats",
        sa.Column("citizen_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("citizen_id"),
    )
    op.create_table(
        "staff_chat_codes",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("code_hash"),
    )
