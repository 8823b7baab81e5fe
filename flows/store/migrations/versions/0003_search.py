"""The topics' texts, to be searched by words and by meaning."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import Vector
from sqlalchemy.dialects import postgresql

revision = "0003_search"
down_revision: str | Sequence[str] | None = "0002_first_tables"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.create_table(
        "topic_texts",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("meaning", Vector(512), nullable=True),
        sa.PrimaryKeyConstraint("topic", "lang"),
    )
