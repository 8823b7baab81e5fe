"""A migrated database is the one that the tables describe."""

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url, pool

from flows.store import migrate
from flows.store.database import MIGRATIONS
from flows.store.tables import metadata

THEIRS = "procrastinate_"  # the queue's own schema
SHAPE = """
    SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns
    WHERE table_schema = 'public'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT version_num FROM alembic_version
    ORDER BY 1
"""


def shape(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [line for (line,) in connection.execute(SHAPE)]


def test_there_is_one_head() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    heads = ScriptDirectory.from_config(config).get_heads()
    assert len(heads) == 1, f"two migrations claim to be the last: {heads}; let one follow the other"


def test_the_migrations_make_just_the_tables(database_url: str) -> None:
    def is_ours(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and (name or "").startswith(THEIRS))

    url = make_url(database_url).set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": is_ours, "compare_type": True, "compare_server_default": True}
        )
        missing = compare_metadata(context, metadata())
    assert not missing, f"flows/store/tables and flows/store/migrations differ; write a migration for {missing}"


def test_migrating_again_changes_nothing(database_url: str) -> None:
    before = shape(database_url)
    migrate(database_url)
    assert shape(database_url) == before
