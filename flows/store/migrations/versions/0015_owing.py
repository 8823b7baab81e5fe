"""A lighter row to owe, and when somebody who was out of reach has come back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0015_owing"
down_revision: str | Sequence[str] | None = "0014_delivery"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_deliveries_digest_id", "deliveries")
    op.create_index(
        "ix_deliveries_digest_id", "deliveries", ["digest_id"], postgresql_where=sa.text("digest_id IS NOT NULL")
    )
    op.add_column("citizens", sa.Column("back_at", sa.DateTime(timezone=True), nullable=True))
