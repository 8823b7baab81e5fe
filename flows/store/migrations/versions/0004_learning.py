"""What staff say that an unanswered question meant, and whether it is to be learnt."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0004_learning"
down_revision: str | Sequence[str] | None = "0003_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The default lets the release before this one go on writing its rows.
    op.add_column("unanswered", sa.Column("state", sa.String(), nullable=False, server_default="open"))
    op.add_column("unanswered", sa.Column("intent", sa.String(), nullable=True))
    for act in ("labelled", "decided"):
        op.add_column("unanswered", sa.Column(f"{act}_by", sa.BigInteger(), nullable=True))
        op.add_column("unanswered", sa.Column(f"{act}_at", sa.DateTime(timezone=True), nullable=True))
        op.create_foreign_key(None, "unanswered", "staff", [f"{act}_by"], ["id"], ondelete="SET NULL")
