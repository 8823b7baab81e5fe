"""The clock process: when something is due. A row of RULES is a look at the rows; what it finds goes on the queue.

APScheduler keeps its jobs in memory (its job stores must not be shared between schedulers). Of several clocks one
holds an advisory lock and ticks; the others wait for it.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Damso
from bot.worker import keep_beating
from flows import answering, citizens, delivering, suggesting
from flows.city import zone
from flows.store.keeping import forget_limits
from flows.store.only_one import CLOCK, only_one
from flows.store.queue import defer

log = structlog.get_logger()

WAIT_S = 2.0


async def due_rows(tx: AsyncSession, at: datetime) -> None:
    await delivering.wake(tx, at=at)


async def due_digests(tx: AsyncSession, at: datetime) -> None:
    for rule in await delivering.ready_rules(tx, at=at):
        try:
            trigger = CronTrigger.from_crontab(rule.crontab, zone())
        except ValueError:
            log.exception("clock.bad_rule", rule=rule.name, crontab=rule.crontab)
            continue
        following = trigger.get_next_fire_time(rule.fired_at, rule.fired_at)
        if following is not None and rule.fired_at < following <= at:
            await delivering.rule_fired(tx, rule, at=at)


async def own_digests_due(tx: AsyncSession, at: datetime) -> None:
    await delivering.digests_due(tx, at)


async def suggestions_due(tx: AsyncSession, at: datetime) -> None:
    await suggesting.end_waiting(tx, at=at)
    await suggesting.remind_of_drafts(tx, at=at)
    await suggesting.survey(tx, at=at)


async def links_come_about(tx: AsyncSession, at: datetime) -> None:
    await suggesting.tell_of_links(tx, at=at)


async def unwanted_files(tx: AsyncSession, _at: datetime) -> None:
    await defer(tx, "suggesting:sweep_files", once="sweep_files")


async def unencoded_suggestions(tx: AsyncSession, _at: datetime) -> None:
    await suggesting.wake_encoder(tx)


async def tidy(tx: AsyncSession, at: datetime) -> None:
    await citizens.forget_answers(tx, at=at)
    await answering.forget_questions(tx, at=at)
    await answering.forget_enquiries(tx, at=at)
    await suggesting.forget_drafts(tx, at=at)
    await forget_limits(tx, at=at)


# What is looked at, and every how many seconds.
RULES: tuple[tuple[Callable[[AsyncSession, datetime], Awaitable[None]], float], ...] = (
    (due_rows, 2),
    (due_digests, 30),
    (own_digests_due, 30),
    (links_come_about, 30),
    (unencoded_suggestions, 60),
    (suggestions_due, 300),
    (unwanted_files, 600),
    (tidy, 3600),
)


async def run_clock(damso: Damso) -> None:
    """Tick until cancelled, once it is this clock's turn."""
    async with only_one(damso.db, CLOCK, pause_s=WAIT_S):
        scheduler = AsyncIOScheduler(timezone=zone())
        for rule, seconds in RULES:
            scheduler.add_job(
                tick,
                "interval",
                (damso, rule),
                seconds=seconds,
                id=rule.__name__,
                next_run_time=damso.now(),
                misfire_grace_time=None,
                coalesce=True,
                max_instances=1,
            )
        scheduler.start()
        try:
            await keep_beating(damso, "clock")
        finally:
            scheduler.shutdown(wait=False)


async def tick(damso: Damso, rule: Callable[[AsyncSession, datetime], Awaitable[None]]) -> None:
    """Look once. A failing look is logged and tried again at its next time."""
    try:
        async with damso.db.transaction() as tx:
            await rule(tx, damso.now())
    except Exception as problem:  # an edge: the clock must go on ticking
        log.exception("clock.failed", rule=rule.__name__, problem=type(problem).__name__)
