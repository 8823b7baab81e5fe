"""The job queue. The app is never opened here: jobs are deferred on the caller's own connection."""

from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy.ext.asyncio import AsyncSession

app = App(connector=PsycopgConnector())


async def defer(tx: AsyncSession, task: str, *, once: str | None = None, **args: int | str) -> None:
    """Put a job on the queue in the caller's transaction: the row and the job, or neither.

    `once`: a name under which at most one job waits; another is then left out.
    """
    try:
        async with tx.begin_nested():
            # The savepoint is lazy: without a connection taken first, AlreadyEnqueued spoils the outer transaction.
            raw: Any = await (await tx.connection()).get_raw_connection()
            job = app.configure_task(task, queueing_lock=once, connection=raw.driver_connection)
            await job.defer_async(**args)
    except AlreadyEnqueued:
        pass
