"""One-time links, second factors, sessions that can be told apart, and an audit log that only grows."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_accounts_kept"
down_revision: str | Sequence[str] | None = "0005_answers_relied_on"
branch_labels = None
depends_on = None

KEEP_AUDIT = """
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is append-only';
END
$$;
CREATE TRIGGER keep_audit BEFORE UPDATE OR DELETE ON audit FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();
"""


def upgrade() -> None:
    op.add_column("staff", sa.Column("name", sa.String(), nullable=True))
    op.add_column("staff", sa.Column("left_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff", sa.Column("factor", sa.String(), nullable=True))
    op.add_column("staff", sa.Column("factor_step", sa.BigInteger(), nullable=True))
    op.alter_column("staff", "password_hash", nullable=True)
    op.add_column("staff_sessions", sa.Column("browser", sa.String(), server_default="", nullable=False))
    op.add_column("staff_sessions", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_staff_sessions_staff_id", "staff_sessions", ["staff_id"])
    op.create_table(
        "staff_links",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_table(
        "staff_recovery_codes",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("staff_id", "code_hash"),
    )
    for state in ("before", "after"):
        op.add_column("audit", sa.Column(state, postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("audit", sa.Column("actor", sa.String(), nullable=True))
    # Setting it to null would change an act: whoever acted is marked as gone and stays.
    op.drop_constraint("audit_staff_id_fkey", "audit", type_="foreignkey")
    op.create_foreign_key("audit_staff_id_fkey", "audit", "staff", ["staff_id"], ["id"])
    op.execute(KEEP_AUDIT)
