"""Every filter of the public list in every order, and the words of what is public, in indexes."""

from collections.abc import Sequence

from alembic import op

revision = "0009_suggestions_listed"
down_revision: str | Sequence[str] | None = "0009_staff_chat"
branch_labels = None
depends_on = None

IS_PUBLIC = "published_at IS NOT NULL AND status NOT IN ('withdrawn', 'hidden')"
FILTERS = ("status", "theme", "district", "commitment")
ORDERS = {
    "public": "",
    "supports": "supports, ",
    "waiting": "(status <> ALL (ARRAY['received', 'in_review', 'author_asked'])), ",
}
PUBLIC_WORDS = """(
CASE
    WHEN published_at IS NOT NULL AND (status <> ALL (ARRAY['withdrawn', 'hidden'])) THEN words
    ELSE NULL
END)"""


def upgrade() -> None:
    for order, key in ORDERS.items():
        for by in FILTERS:
            name, rest = f"ix_suggestions_{order}_{by}", ", ".join(it for it in FILTERS if it != by)
            op.execute(f"CREATE INDEX {name} ON suggestions ({by}, {key}id) INCLUDE ({rest}) WHERE {IS_PUBLIC}")
    op.execute(f"CREATE INDEX ix_suggestions_public_words ON suggestions USING gin ({PUBLIC_WORDS})")
