"""The worker process: runs the jobs on the queue, and brings back those of workers that died."""

import asyncio

import structlog
from procrastinate import App, PsycopgConnector

from bot.app import Damso
from flows.delivering.jobs import Hands
from flows.store.keeping import beat
from flows.store.queue import app
from flows.suggesting.jobs import encode, sweep_files  # noqa: F401  # its tasks register themselves

log = structlog.get_logger()

CONCURRENCY = 4
BEAT_EVERY_S = 5.0
HEARTBEAT_S, STALLED_AFTER_S = 2.0, 8.0  # a dead worker's job is taken up again within these (default: 30 s)


async def run_worker(damso: Damso, database_url: str) -> None:
    """Work until cancelled."""
    connector = PsycopgConnector(conninfo=database_url)
    hands = Hands(damso.db, damso.files, damso.senders, damso.now, damso.delivery_policy)
    with app.replace_connector(connector) as queue:
        async with queue.open_async(), asyncio.TaskGroup() as group:
            group.create_task(keep_beating(damso, "worker"))
            group.create_task(_revive(queue))
            await queue.run_worker_async(
                concurrency=CONCURRENCY,
                additional_context={"hands": hands},
                delete_jobs="successful",
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=STALLED_AFTER_S,
            )


async def keep_beating(damso: Damso, name: str) -> None:
    """Leave a sign of life every few seconds; a database that is away for a while is not a reason to die."""
    while True:
        try:
            async with damso.db.transaction() as tx:
                await beat(tx, name, at=damso.now())
        except Exception as problem:  # an edge: the next beat tries again
            log.warning("beat.failed", process=name, problem=type(problem).__name__)
        await asyncio.sleep(BEAT_EVERY_S)


async def _revive(queue: App) -> None:
    """A job that a killed worker left as `doing` stays so for ever unless somebody asks for it again."""
    while True:
        await asyncio.sleep(STALLED_AFTER_S / 2)
        for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S):
            await queue.job_manager.retry_job(job)
