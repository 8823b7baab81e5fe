"""Alerts as each wants them: own times, quiet hours, pauses; digests that gather deliveries."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_subscriptions"
down_revision: str | Sequence[str] | None = "0011_indicators"
branch_labels = None
depends_on = None

ABOUT = "UPDATE notices SET about = ARRAY[split_part(subject, '/', 1), 'all'] WHERE kind = 'update'"
# What the next digest was to tell is gathered now, so that nothing between two editions is lost.
GATHERED = """
    INSERT INTO deliveries (notice_id, citizen_id, due_at, state, attempts)
    SELECT n.id, f.citizen_id, n.created_at, 'gathered', 0
    FROM notices n JOIN rules r ON n.created_at > r.fired_at
    JOIN follows f ON f.commitment = ANY (n.about) AND f.frequency = r.name AND f.since < n.created_at
    JOIN citizens c ON c.id = f.citizen_id AND c.gone_at IS NULL
    WHERE n.kind = 'update' AND (f.commitment <> 'all' OR NOT EXISTS (
        SELECT FROM follows own WHERE own.citizen_id = f.citizen_id AND own.commitment = n.about[1]))
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.create_table(
        "alert_settings",
        sa.Column("citizen_id", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=True),
        sa.Column("month_day", sa.SmallInteger(), nullable=True),
        sa.Column("digest_at", sa.Time(), nullable=True),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("weekends", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("lang", sa.String(), nullable=True),
        sa.Column("resumes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("weekly_done", sa.DateTime(timezone=True), nullable=False),
        sa.Column("monthly_done", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("citizen_id"),
    )
    op.create_index(
        "ix_alert_settings_resumes_at",
        "alert_settings",
        ["resumes_at"],
        postgresql_where=sa.text("resumes_at IS NOT NULL"),
    )
    op.create_index(
        "ix_alert_settings_unsettled", "alert_settings", ["citizen_id"], postgresql_where=sa.text("NOT settled")
    )
    op.add_column("notices", sa.Column("about", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column("deliveries", sa.Column("digest_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(None, "deliveries", "deliveries", ["digest_id"], ["id"], ondelete="SET NULL")
    op.create_index("ix_deliveries_digest_id", "deliveries", ["digest_id"])
    op.create_index(
        "ix_deliveries_gathered", "deliveries", ["citizen_id"], postgresql_where=sa.text("state = 'gathered'")
    )
    op.execute(ABOUT)
    op.execute(GATHERED)
