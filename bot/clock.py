"""The clock process: when something is due. What it finds goes on the queue.

A row of RULES is a look at the rows every few seconds. A schedule is a row that staff change; its run is in TASKS.
APScheduler keeps its jobs in memory (its job stores must not be shared between schedulers) and follows the rows. Of
several clocks one holds an advisory lock and ticks; the others wait for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot import crontab
from bot.app import Damso
from bot.worker import keep_beating
from flows import answering, citizens, commitments, delivering, reviewing, scheduling, suggesting
from flows.city import zone
from flows.scheduling import Result, Schedule
from flows.store.keeping import forget_limits
from flows.store.only_one import CLOCK, only_one
from flows.store.queue import defer
from flows.subscribing import Frequency

log = structlog.get_logger()

WAIT_S = 2.0
FOLLOWED_EVERY_S = 2
LATE_AFTER = timedelta(minutes=5)
DIGESTS = (Frequency.WEEKLY, Frequency.MONTHLY)


async def due_rows(tx: AsyncSession, at: datetime) -> None:
    await delivering.expire(tx, at=at)  # first, so that nothing of it is sent late
    await delivering.wake(tx, at=at)


async def lost_rows(tx: AsyncSession, at: datetime) -> None:
    await delivering.complete(tx, at=at)


async def own_digests_due(tx: AsyncSession, at: datetime) -> None:
    is_on = {schedule.name: schedule.is_on for schedule in await scheduling.ready(tx, at=at)}
    await delivering.digests_due(tx, [often for often in DIGESTS if is_on[often]], at=at)


async def suggestions_due(tx: AsyncSession, at: datetime) -> None:
    await suggesting.end_waiting(tx, at=at)


async def links_come_about(tx: AsyncSession, at: datetime) -> None:
    await suggesting.tell_of_links(tx, at=at)


async def plan_wants_staff(tx: AsyncSession, at: datetime) -> None:
    await commitments.watch(tx, at=at)


async def waiting_for_staff(tx: AsyncSession, at: datetime) -> None:
    await reviewing.tell_what_waits(tx, at=at)


async def unwanted_files(tx: AsyncSession, _at: datetime) -> None:
    await defer(tx, "suggesting:sweep_files", once="sweep_files")


async def unencoded_suggestions(tx: AsyncSession, _at: datetime) -> None:
    await suggesting.wake_encoder(tx)


async def digest(frequency: Frequency, tx: AsyncSession, since: datetime, at: datetime) -> None:
    await delivering.gather(tx, frequency, after=since, until=at)


async def drafts(tx: AsyncSession, _since: datetime, at: datetime) -> None:
    await suggesting.remind_of_drafts(tx, at=at)


async def survey(tx: AsyncSession, _since: datetime, at: datetime) -> None:
    await suggesting.survey(tx, at=at)


async def retention(tx: AsyncSession, _since: datetime, at: datetime) -> None:
    await citizens.forget_answers(tx, at=at)
    await answering.forget_questions(tx, at=at)
    await answering.forget_enquiries(tx, at=at)
    await suggesting.forget_drafts(tx, at=at)
    await forget_limits(tx, at=at)


# What is looked at, and every how many seconds.
RULES: tuple[tuple[Callable[[AsyncSession, datetime], Awaitable[None]], float], ...] = (
    (due_rows, 2),
    (own_digests_due, 30),
    (links_come_about, 30),
    (unencoded_suggestions, 60),
    (suggestions_due, 300),
    (plan_wants_staff, 600),
    (waiting_for_staff, 300),  # after what it tells of
    (unwanted_files, 600),
    (lost_rows, 600),
)

# What the schedules do: given when they last did it, and now.
TASKS: Mapping[str, Callable[[AsyncSession, datetime, datetime], Awaitable[None]]] = {
    "weekly": partial(digest, Frequency.WEEKLY),
    "monthly": partial(digest, Frequency.MONTHLY),
    "drafts": drafts,
    "survey": survey,
    "retention": retention,
}


async def run_clock(damso: Damso) -> None:
    """Tick until cancelled, whenever it is this clock's turn."""
    while True:
        try:
            async with only_one(damso.db, CLOCK, pause_s=WAIT_S) as is_held:
                await _tick_while(is_held, damso)
            log.warning("clock.lock_lost")
        except SQLAlchemyError as problem:
            log.warning("clock.database_away", error=type(problem).__name__)
        await asyncio.sleep(WAIT_S)


async def _tick_while(is_held: Callable[[], Awaitable[bool]], damso: Damso) -> None:
    scheduler = AsyncIOScheduler(timezone=zone())
    look = partial(
        scheduler.add_job,
        trigger="interval",
        next_run_time=damso.now(),
        misfire_grace_time=None,
        coalesce=True,
        max_instances=1,
    )
    for rule, seconds in RULES:
        look(tick, args=(damso, rule), seconds=seconds, id=rule.__name__)
    look(Timetable(damso, scheduler).follow, seconds=FOLLOWED_EVERY_S)
    scheduler.start()
    beating = asyncio.create_task(keep_beating(damso, "clock"))
    try:
        while await is_held():
            await asyncio.sleep(WAIT_S)
    finally:
        beating.cancel()
        scheduler.shutdown(wait=False)


async def tick(damso: Damso, rule: Callable[[AsyncSession, datetime], Awaitable[None]]) -> None:
    """Look once. A failing look is logged and tried again at its next time."""
    try:
        async with damso.db.transaction() as tx:
            await rule(tx, damso.now())
    except Exception as problem:  # an edge: the clock must go on ticking
        log.exception("clock.failed", rule=rule.__name__, problem=type(problem).__name__)


class Timetable:
    """The schedules in APScheduler's memory: a cron job for each row that is on, kept as the rows are."""

    def __init__(self, damso: Damso, scheduler: AsyncIOScheduler) -> None:
        self._damso, self._scheduler = damso, scheduler
        self._known: dict[str, tuple[str, bool]] = {}

    async def follow(self) -> None:
        """Take over what staff changed since the last look, and run at once what was missed or is asked for."""
        try:
            async with self._damso.db.transaction() as tx:
                schedules = await scheduling.ready(tx, at=self._damso.now())
        except Exception as problem:  # an edge: the next look tries again
            log.warning("clock.schedules_unread", problem=type(problem).__name__)
            return
        for schedule in schedules:
            is_news = self._known.get(schedule.name) != (schedule.crontab, schedule.is_on)
            if is_news:
                self._take(schedule)
            if is_news or schedule.asked_at:
                await self._run(schedule.name)

    def _take(self, schedule: Schedule) -> None:
        if self._scheduler.get_job(schedule.name):
            self._scheduler.remove_job(schedule.name)
        self._known[schedule.name] = schedule.crontab, schedule.is_on
        if not schedule.is_on:
            return
        try:
            when = crontab.trigger(schedule.crontab)
        except ValueError:
            log.exception("clock.bad_schedule", schedule=schedule.name, crontab=schedule.crontab)
            return
        self._scheduler.add_job(
            self._run, when, (schedule.name,), id=schedule.name, misfire_grace_time=None, coalesce=True, max_instances=1
        )

    async def _run(self, name: str) -> None:
        if not await run_schedule(self._damso, name):
            self._known.pop(name, None)  # the next look takes it as news, and so tries again


async def run_schedule(damso: Damso, name: str) -> bool:
    """Run a schedule if its time has come or somebody asked for it; once, however many clocks there are.

    False: the database could not be asked, and nothing is known.
    """
    at = damso.now()
    try:
        async with damso.db.transaction() as tx:
            schedule = await scheduling.get(tx, name)
            if is_due(schedule, at) and await scheduling.fire(tx, schedule, at=at):
                await scheduling.note(tx, name, await _result(tx, schedule, at), at=at)
    except Exception as problem:  # an edge: the clock must go on ticking
        log.exception("clock.failed", schedule=name, problem=type(problem).__name__)
        return False
    return True


async def _result(tx: AsyncSession, schedule: Schedule, at: datetime) -> Result:
    try:
        async with tx.begin_nested():
            await TASKS[schedule.name](tx, schedule.since, at)
    except Exception as problem:  # an edge: its next time may go better, and the page says so
        log.exception("schedule.failed", schedule=schedule.name, problem=type(problem).__name__)
        return Result.FAILED
    log.info("schedule.ran", schedule=schedule.name)
    return Result.DONE


def is_due(schedule: Schedule, at: datetime, grace: timedelta = timedelta(0)) -> bool:
    """Whether somebody asked for it, or a time of its came by longer ago than `grace`."""
    if schedule.asked_at is not None:
        return schedule.asked_at + grace <= at
    try:
        following = crontab.next_after(schedule.crontab, schedule.fired_at)
    except ValueError:
        return False
    return schedule.is_on and following is not None and following + grace <= at
