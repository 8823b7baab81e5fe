"""The whole life of a suggestion: support, files, places, deadlines, history, review."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql

revision = "0008_suggestions_answered"
down_revision: str | Sequence[str] | None = "0007_answers_edited"
branch_labels = None
depends_on = None

IS_PUBLIC = "published_at IS NOT NULL AND status NOT IN ('withdrawn', 'hidden')"
FILTERS = ["status", "theme", "district", "commitment"]
REVIEWS_AS_EVENTS = """
    INSERT INTO suggestion_events (suggestion_id, kind, actor, staff_id, before, after, ko, en, at)
    SELECT suggestion_id, 'moved', 'staff', staff_id, before, after, answer_ko, answer_en, at FROM reviews ORDER BY id
"""
CHANNELS = """
    UPDATE suggestions SET channel = coalesce((SELECT channel FROM citizens WHERE id = citizen_id), 'web')
"""
PUBLISHED = """
    UPDATE suggestions SET published_at = changed_at, answered_at = changed_at
    WHERE status IN ('accepted', 'declined', 'done')
"""


def upgrade() -> None:
    op.create_table(
        "answer_templates",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("ko", sa.String(), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["staff.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_saved_filters_staff_id", "saved_filters", ["staff_id"])
    op.create_table(
        "attachments",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("citizen_id", sa.BigInteger(), nullable=True),
        sa.Column("suggestion_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("published", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("alt_ko", sa.String(), nullable=True),
        sa.Column("alt_en", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_attachments_citizen_id", "attachments", ["citizen_id"])
    op.create_index("ix_attachments_suggestion_id", "attachments", ["suggestion_id"])
    op.create_table(
        "looking",
        sa.Column("suggestion_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("suggestion_id", "staff_id"),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("suggestion_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notes_suggestion_id", "notes", ["suggestion_id"])
    op.create_table(
        "proposed_decisions",
        sa.Column("suggestion_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("ko", sa.String(), nullable=False),
        sa.Column("en", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("suggestion_id"),
    )
    op.create_table(
        "suggestion_events",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("suggestion_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("ko", sa.String(), nullable=True),
        sa.Column("en", sa.String(), nullable=True),
        sa.Column("words", sa.String(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_suggestion_events_suggestion_id", "suggestion_events", ["suggestion_id", "id"])
    op.create_table(
        "suggestion_links",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("suggestion_id", sa.BigInteger(), nullable=False),
        sa.Column("milestone_id", sa.BigInteger(), nullable=True),
        sa.Column("update_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestones.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["update_id"], ["updates.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_suggestion_links_untold", "suggestion_links", ["id"], postgresql_where="told_at IS NULL")
    op.create_index("ix_suggestion_links_milestone_id", "suggestion_links", ["milestone_id"])
    op.create_index("ix_suggestion_links_suggestion_id", "suggestion_links", ["suggestion_id"])
    op.create_index("ix_suggestion_links_update_id", "suggestion_links", ["update_id"])
    op.create_table(
        "supports",
        sa.Column("citizen_id", sa.BigInteger(), nullable=False),
        sa.Column("suggestion_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("citizen_id", "suggestion_id"),
    )
    op.create_index("ix_supports_suggestion_id", "supports", ["suggestion_id", "at"])
    op.execute(REVIEWS_AS_EVENTS)
    op.drop_table("reviews")
    op.add_column("notices", sa.Column("choices", postgresql.JSONB(), nullable=True))
    op.add_column("mail", sa.Column("choices", postgresql.JSONB(), nullable=True))
    op.add_column("citizens", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("citizens", sa.Column("plain", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("suggestions", sa.Column("channel", sa.String(), nullable=True))
    op.add_column("suggestions", sa.Column("shown_text", sa.String(), nullable=True))
    op.add_column("suggestions", sa.Column("translation", sa.String(), nullable=True))
    op.add_column("suggestions", sa.Column("shown_name", sa.String(), nullable=True))
    op.add_column("suggestions", sa.Column("district", sa.String(), nullable=True))
    op.add_column("suggestions", sa.Column("latitude", sa.Double(), nullable=True))
    op.add_column("suggestions", sa.Column("longitude", sa.Double(), nullable=True))
    op.add_column("suggestions", sa.Column("flags", postgresql.ARRAY(sa.String()), server_default="{}", nullable=False))
    op.add_column("suggestions", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    op.add_column("suggestions", sa.Column("supports", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("suggestions", sa.Column("assignee_id", sa.BigInteger(), nullable=True))
    op.add_column("suggestions", sa.Column("assigned_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("suggestions", sa.Column("due_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("suggestions", sa.Column("days_left", sa.BigInteger(), nullable=True))
    op.add_column("suggestions", sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("suggestions", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("suggestions", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("suggestions", sa.Column("answered_in_time", sa.Boolean(), nullable=True))
    op.add_column("suggestions", sa.Column("contested_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("suggestions", sa.Column("surveyed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("suggestions", sa.Column("really_done", sa.Boolean(), nullable=True))
    op.add_column("suggestions", sa.Column("version", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("suggestions", sa.Column("words", postgresql.TSVECTOR(), nullable=True))
    op.add_column("suggestions", sa.Column("meaning", HALFVEC(1024), nullable=True))
    op.add_column("suggestions", sa.Column("encoded", sa.Boolean(), server_default="false", nullable=False))
    op.execute(CHANNELS)
    op.alter_column("suggestions", "channel", nullable=False)
    op.execute(PUBLISHED)
    op.create_index("ix_suggestions_assignee_id", "suggestions", ["assignee_id"])
    op.create_index("ix_suggestions_commitment", "suggestions", ["commitment"])
    op.create_index("ix_suggestions_due", "suggestions", ["due_at"], postgresql_where="due_at IS NOT NULL")
    op.create_index(
        "ix_suggestions_meaning",
        "suggestions",
        ["meaning"],
        postgresql_using="hnsw",
        postgresql_ops={"meaning": "halfvec_ip_ops"},
        postgresql_where="published_at IS NOT NULL AND status NOT IN ('withdrawn', 'hidden', 'merged')",
    )
    op.create_index("ix_suggestions_merged_into", "suggestions", ["merged_into"])
    op.create_index(
        "ix_suggestions_public",
        "suggestions",
        ["id"],
        postgresql_where="published_at IS NOT NULL AND status NOT IN ('withdrawn', 'hidden')",
    )
    op.create_index("ix_suggestions_contested", "suggestions", ["id"], postgresql_where="contested_at IS NOT NULL")
    op.create_index("ix_suggestions_flagged", "suggestions", ["id"], postgresql_where="flags <> '{}'")
    op.create_index(
        "ix_suggestions_urgent",
        "suggestions",
        [
            sa.text(
                "COALESCE((due_at AT TIME ZONE 'UTC'::text) - (promised_at IS NOT NULL)::integer::double precision "
                "* '100 years'::interval, 'infinity'::timestamp without time zone)"
            ),
            "id",
        ],
        postgresql_where="status IN ('received', 'in_review')",
    )
    op.create_index("ix_suggestions_supports", "suggestions", ["supports", "id"])
    op.create_index("ix_suggestions_to_encode", "suggestions", ["id"], postgresql_where="NOT encoded AND text <> ''")
    op.create_index(
        "ix_suggestions_waiting",
        "suggestions",
        [sa.text("(status <> ALL (ARRAY['received', 'in_review', 'author_asked']))"), "id"],
        postgresql_where=IS_PUBLIC,
        postgresql_include=FILTERS,
    )
    op.create_index("ix_suggestions_words", "suggestions", ["words"], postgresql_using="gin")
    op.create_foreign_key(None, "suggestions", "suggestions", ["merged_into"], ["id"])
    op.create_foreign_key(None, "suggestions", "staff", ["assignee_id"], ["id"], ondelete="SET NULL")
