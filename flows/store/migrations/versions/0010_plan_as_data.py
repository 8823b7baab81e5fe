"""Several action plans side by side, milestones with states and evidence, the history of every change, and tasks."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010_plan_as_data"
down_revision: str | Sequence[str] | None = "0009_suggestions_listed"
branch_labels = None
depends_on = None

# Commitments had no plan: they get one that spans them, until the content says to which they belong.
SPANNING = """
    INSERT INTO plans (code, content)
    SELECT 'PLAN_1', jsonb_build_object(
        'title', jsonb_build_object('ko', '열린정부 실행계획', 'en', 'Open government action plan'),
        'title_ko_official', false,
        'period', jsonb_build_object(
            'start', min(content -> 'period' ->> 'start'), 'end', max(content -> 'period' ->> 'end')),
        'city', jsonb_build_object('ko', '–', 'en', '–'),
        'sources', '[]'::jsonb)
    FROM commitments HAVING count(*) > 0
"""
NUMBERED = """
    UPDATE milestones SET number = numbered.number FROM (
        SELECT id, row_number() OVER (PARTITION BY commitment ORDER BY id) AS number FROM milestones
    ) AS numbered WHERE numbered.id = milestones.id
"""
COUNTED = """
    UPDATE commitments SET milestones_count = (SELECT count(*) FROM milestones WHERE commitment = commitments.code)
"""


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("loaded", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("code"),
    )
    op.execute(SPANNING)
    op.add_column("commitments", sa.Column("plan", sa.String(), nullable=True))
    op.add_column("commitments", sa.Column("level", postgresql.JSONB(), nullable=True))
    op.add_column("commitments", sa.Column("milestones_count", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE commitments SET plan = 'PLAN_1', content = content || '{\"values\": []}'::jsonb")
    op.execute(COUNTED)
    op.alter_column("commitments", "plan", nullable=False)
    op.create_index("ix_commitments_plan", "commitments", ["plan"])
    op.create_foreign_key(None, "commitments", "plans", ["plan"], ["code"])
    op.add_column("milestones", sa.Column("number", sa.BigInteger(), nullable=True))
    op.add_column("milestones", sa.Column("state", sa.String(), nullable=True))
    op.execute("UPDATE milestones SET state = CASE WHEN done IS NULL THEN 'not_started' ELSE 'complete' END")
    op.execute(NUMBERED)
    op.alter_column("milestones", "number", nullable=False)
    op.alter_column("milestones", "state", nullable=False)
    op.create_unique_constraint(None, "milestones", ["commitment", "number"])
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("milestone_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title_ko", sa.String(), nullable=False),
        sa.Column("title_en", sa.String(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("unit_ko", sa.String(), nullable=True),
        sa.Column("unit_en", sa.String(), nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_evidence_milestone_id", "evidence", ["milestone_id"])
    op.create_table(
        "plan_changes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=True),
        sa.Column("milestone", sa.BigInteger(), nullable=True),
        sa.Column("about_ko", sa.String(), nullable=True),
        sa.Column("about_en", sa.String(), nullable=True),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan"], ["plans.code"]),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_plan_changes_commitment", "plan_changes", ["commitment", "id"])
    op.create_index("ix_plan_changes_plan", "plan_changes", ["plan", "id"])
    op.create_table(
        "plan_tasks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("milestone_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["staff.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("milestone_id", "kind", "since"),
    )
    op.create_index("ix_plan_tasks_open", "plan_tasks", ["id"], postgresql_where="ended_at IS NULL")
