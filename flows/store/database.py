"""One engine a process, and transactions that end with their block."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

POOL_SIZE = 10
MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """Where the rows are. `async with db.transaction() as tx:` commits at its end, or rolls back on an exception."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        if address.get_backend_name() != "postgresql":
            raise ValueError("DATABASE_URL must be a postgresql:// address")
        self.engine = create_async_engine(
            address.set(drivername="postgresql+psycopg"), pool_size=POOL_SIZE, hide_parameters=True
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with self._sessions.begin() as tx:
            yield tx

    async def is_up(self, deadline_s: float = 2.0) -> bool:
        try:
            async with asyncio.timeout(deadline_s), self.transaction() as tx:
                await tx.execute(text("SELECT 1"))
        except Exception:  # an edge: any failure to answer means the same to /health
            return False
        return True

    async def close(self) -> None:
        await self.engine.dispose()


def migrate(url: str) -> None:
    """Bring the schema at `url` to this version. Repeating it changes nothing."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    command.upgrade(config, "head")
