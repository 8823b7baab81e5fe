"""What has failed or is paused is found without a look at all that was sent."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0016_stuck_deliveries"
down_revision: str | Sequence[str] | None = "0015_owing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_deliveries_stuck",
        "deliveries",
        ["notice_id"],
        postgresql_where=sa.text("state = 'failed' OR state = 'paused'"),
    )
