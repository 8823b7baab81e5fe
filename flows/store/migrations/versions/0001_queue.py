"""The job queue: Procrastinate's own schema (an upgrade of Procrastinate gets a migration of its own)."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001_queue"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The driver's own connection: the schema has colons and percent signs that are no parameters.
    raw = op.get_bind().connection.driver_connection
    with raw.cursor() as cursor:  # type: ignore[union-attr]  # a psycopg connection, whatever Alembic's types say
        cursor.execute(SchemaManager.get_schema())
