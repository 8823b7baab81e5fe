"""Schedules that staff edit; updates that are drafted, cancelled, corrected and expire; where tests go."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0013_schedules"
down_revision: str | Sequence[str] | None = "0012_subscriptions"
branch_labels = None
depends_on = None

STATES = "UPDATE updates SET state = CASE WHEN published_at IS NULL THEN 'scheduled' ELSE 'published' END"


def upgrade() -> None:
    op.rename_table("rules", "schedules")
    op.execute("ALTER INDEX rules_pkey RENAME TO schedules_pkey")
    op.add_column("schedules", sa.Column("is_on", sa.Boolean(), server_default="true", nullable=False))
    op.add_column("schedules", sa.Column("since", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE schedules SET since = fired_at")
    op.alter_column("schedules", "since", nullable=False)
    for name in ("asked_at", "ran_at"):
        op.add_column("schedules", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("schedules", sa.Column("result", sa.String(), nullable=True))

    op.add_column("updates", sa.Column("state", sa.String(), nullable=True))
    op.execute(STATES)
    op.alter_column("updates", "state", nullable=False)
    op.add_column("updates", sa.Column("milestone_id", sa.BigInteger(), nullable=True))
    op.add_column("updates", sa.Column("evidence", sa.String(), nullable=True))
    op.add_column("updates", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("updates", sa.Column("corrects", sa.BigInteger(), nullable=True))
    op.add_column("updates", sa.Column("corrected_by", sa.BigInteger(), nullable=True))
    op.add_column("updates", sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))
    op.alter_column("updates", "version", server_default=None)
    op.add_column("updates", sa.Column("form", sa.String(), nullable=True))
    op.create_unique_constraint("updates_form_key", "updates", ["form"])
    milestone = ["milestone_id"], ["id"]
    op.create_foreign_key("updates_milestone_id_fkey", "updates", "milestones", *milestone, ondelete="SET NULL")
    for name in ("corrects", "corrected_by"):
        op.create_foreign_key(f"updates_{name}_fkey", "updates", "updates", [name], ["id"])
    op.drop_index("ix_updates_waiting", table_name="updates")
    scheduled, not_cancelled = sa.text("state = 'scheduled'"), sa.text("state <> 'cancelled'")
    op.create_index("ix_updates_waiting", "updates", ["publish_at"], postgresql_where=scheduled)
    op.create_index("ix_updates_corrects", "updates", ["corrects"], unique=True, postgresql_where=not_cancelled)

    op.add_column("notices", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "testers",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("citizen_id", sa.BigInteger(), nullable=True),
        sa.Column("code_hash", sa.String(), nullable=True),
        sa.Column("code_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id"),
    )
    op.create_index("ix_testers_citizen_id", "testers", ["citizen_id"])
