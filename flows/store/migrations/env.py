"""Runs the migrations on the address that `migrate` was given."""

from alembic import context
from sqlalchemy import create_engine, make_url, pool

from flows.store.tables import metadata

PROCRASTINATE = "procrastinate_"


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """The queue's tables belong to Procrastinate's own schema, not to our metadata."""
    return not (kind == "table" and name is not None and name.startswith(PROCRASTINATE))


def run() -> None:
    url = make_url(context.config.attributes["url"]).set(drivername="postgresql+psycopg")
    with create_engine(url, poolclass=pool.NullPool).connect() as connection:
        context.configure(connection=connection, target_metadata=metadata(), include_name=ours)
        with context.begin_transaction():
            context.run_migrations()


run()
