"""The database: engine, transactions, tables, the job queue, migrations."""

from flows.store.database import Database, migrate

__all__ = ["Database", "migrate"]
