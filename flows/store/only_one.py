"""Of several processes, one at a time: the clock that ticks, the poller that listens. The others wait their turn."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from sqlalchemy import func, literal, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from flows.store.database import Database

# Any numbers, each the same in every process on this database.
CLOCK, POLLER = 0x0DA_4501, 0x7E1E_6124


@asynccontextmanager
async def only_one(db: Database, what: int, *, pause_s: float) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    """Wait for the lock on `what`, asking every `pause_s`, and hold it inside the block.

    Yields a question: do we still hold it?

    The lock lives as long as its connection, so that a process which dies lets go of it; the connection is one of
    its own, outside the pool. Raises SQLAlchemyError when the database is away.
    """
    engine = create_async_engine(db.engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        # Asked for again and again: a waiting pg_advisory_lock could not be given up without breaking its connection.
        while not await connection.scalar(select(func.pg_try_advisory_lock(what))):
            await asyncio.sleep(pause_s)

        async def is_held() -> bool:
            try:
                return await connection.scalar(select(literal(1))) == 1
            except SQLAlchemyError:
                return False

        yield is_held
