"""Deliveries by channel and priority, why they failed, paused notices, and the send slots of an account."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0014_delivery"
down_revision: str | Sequence[str] | None = "0013_schedules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("notices", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("notices", sa.Column("paused_because", sa.String(), nullable=True))
    op.add_column("notices", sa.Column("has_expired", sa.Boolean(), server_default="false", nullable=False))
    op.create_index("ix_notices_expire", "notices", ["expires_at"], postgresql_where=sa.text("NOT has_expired"))
    op.add_column("deliveries", sa.Column("channel", sa.String(), nullable=True))
    op.add_column("deliveries", sa.Column("priority", sa.SmallInteger(), nullable=True))
    op.add_column("deliveries", sa.Column("reason", sa.String(), nullable=True))
    op.add_column("deliveries", sa.Column("uncertain", sa.SmallInteger(), nullable=True))
    op.execute(
        """
        UPDATE deliveries SET channel = citizens.channel, uncertain = 0,
            priority = CASE notices.kind WHEN 'answer' THEN 0 WHEN 'update' THEN 1 ELSE 2 END
        FROM citizens, notices WHERE citizens.id = citizen_id AND notices.id = notice_id
        """
    )
    for column in ("channel", "priority", "uncertain"):
        op.alter_column("deliveries", column, nullable=False)
    op.drop_index("ix_deliveries_owed", "deliveries")
    op.create_index(
        "ix_deliveries_owed",
        "deliveries",
        ["channel", "priority", "due_at", "id"],
        postgresql_where=sa.text("state = 'owed'"),
    )
    op.create_index(
        "ix_deliveries_claimed", "deliveries", ["claimed_until"], postgresql_where=sa.text("state = 'claimed'")
    )
    op.create_index(
        "ix_deliveries_ended", "deliveries", ["notice_id", "ended_at"], postgresql_where=sa.text("ended_at IS NOT NULL")
    )
    op.create_index("ix_notices_paused", "notices", ["id"], postgresql_where=sa.text("paused_at IS NOT NULL"))
    op.create_table(
        "send_slots",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account"),
        prefixes=["UNLOGGED"],
    )
