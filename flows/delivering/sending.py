"""Claim, send, record: a transaction, no transaction, a transaction.

Of each channel at most `IN_THE_AIR` messages are under way, and each of them is until its end is recorded. A worker
that dies leaves claims, which are sent again after their lease; of their people at most so many read a message twice.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both
from flows.delivering.claiming import claim
from flows.delivering.naming import open_name_of
from flows.delivering.parcels import Outcome, Parcel, Sender
from flows.delivering.pausing import pause
from flows.delivering.recording import USUAL, Ended, Policy, record
from flows.delivering.staff_chats import KIND as STAFF
from flows.delivering.staff_chats import tell_staff
from flows.store import Database
from flows.store.tables.delivering import NoticeRow
from flows.subscribing import next_decent_moment
from flows.wording import N_, text

log = structlog.get_logger()

IN_THE_AIR = 32
# What a message may take from its launch to its end, waits for its slots and all its calls: less than its claim lasts.
LONGEST_FLIGHT = timedelta(seconds=15)
GATHER_S, RECORD_AGAIN_S = 0.02, 0.5
NOT_NOW = Outcome("held")
PAUSED = N_("“{name}” has paused itself, after too many errors in a row. It waits for you.")


async def deliver_due(
    db: Database,
    senders: Mapping[str, Sender],
    now: Callable[[], datetime],
    policy: Policy = USUAL,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Send what is due until nothing is, the night begins, or `stop` says so. Returns how many were sent."""
    async with asyncio.TaskGroup() as channels:
        flights = [_Flight(db, channel, sender, now, policy, stop) for channel, sender in senders.items()]
        for flight in flights:
            channels.create_task(flight.fly())
    return sum(flight.sent for flight in flights)


@dataclass(eq=False)
class _Flight:
    """The messages of one channel that are under way."""

    db: Database
    channel: str
    sender: Sender
    now: Callable[[], datetime]
    policy: Policy
    stop: Callable[[], bool]
    sent: int = 0
    _under_way: int = 0
    _is_held: bool = False
    _errors: Counter[int] = field(default_factory=Counter)  # in a row, by notice
    _grounded: set[int] = field(default_factory=set)  # the notices that we have paused

    def __post_init__(self) -> None:
        self._free = asyncio.Semaphore(IN_THE_AIR)
        self._ended: asyncio.Queue[Ended] = asyncio.Queue()

    async def fly(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            recorder = tasks.create_task(self._record())
            while self._may_go_on():
                some_under_way = self._under_way > 0
                try:
                    async with self.db.transaction() as tx:
                        parcels = await claim(tx, self.channel, at=self.now())
                except SQLAlchemyError as problem:
                    # Those in the air land first, or they would go again. The clock has the rest sent.
                    log.warning("delivery.unclaimed", problem=type(problem).__name__)
                    break
                if parcels is None:
                    if not some_under_way:
                        break
                    await self._landed()  # behind one that was under way may stand another for the same person
                for parcel in parcels or ():
                    await self._free.acquire()
                    self._under_way += 1
                    tasks.create_task(self._carry(parcel))
            await self._landed()
            recorder.cancel()

    def _may_go_on(self) -> bool:
        begin = self.now()
        is_day = all(next_decent_moment(moment) == moment for moment in (begin, begin + LONGEST_FLIGHT))
        return is_day and not self.stop() and not self._is_held

    async def _carry(self, parcel: Parcel) -> None:
        is_ours = self.now() + LONGEST_FLIGHT <= parcel.until
        if not is_ours or not self._may_go_on() or parcel.notice in self._grounded:
            outcome = NOT_NOW
        else:
            try:
                async with asyncio.timeout(LONGEST_FLIGHT.total_seconds()):
                    outcome = await self.sender.send(parcel)
            except TimeoutError:  # given up, so that no second copy leaves while the first still goes
                outcome = Outcome("uncertain", "time_out")
            except Exception:  # an edge: what a channel did not foresee is one message's failure, not the others'
                log.exception("delivery.broken", delivery=parcel.delivery)
                outcome = Outcome("later", "broken")
        self._ended.put_nowait((parcel, outcome))

    async def _record(self) -> None:
        while True:
            group = [await self._ended.get()]
            await asyncio.sleep(GATHER_S)  # one transaction for those that end together
            while not self._ended.empty():
                group.append(self._ended.get_nowait())
            await self._insist(group)
            self._under_way -= len(group)
            for _ in group:
                self._free.release()

    async def _insist(self, group: list[Ended]) -> None:
        """Record, however long the database is away: nobody shall read a message twice because it was."""
        failing = self._count(group)
        while True:
            try:
                async with self.db.transaction() as tx:
                    await record(tx, group, self.policy, at=self.now())
                    for notice in failing:
                        await _pause(tx, notice, at=self.now())
                return
            except SQLAlchemyError as problem:
                log.warning("delivery.unrecorded", messages=len(group), problem=type(problem).__name__)
                await asyncio.sleep(RECORD_AGAIN_S)

    def _count(self, group: list[Ended]) -> list[int]:
        """Take note of the ends of a group. Returns the notices that have failed too often in a row."""
        for parcel, outcome in group:
            self._is_held |= outcome.kind == "held" and outcome is not NOT_NOW
            if outcome.kind == "sent":
                self.sent += 1
                del self._errors[parcel.notice]
            elif outcome.kind in ("later", "uncertain", "refused"):
                self._errors[parcel.notice] += 1
        failing = [notice for notice, errors in self._errors.items() if errors >= self.policy.pause_after]
        self._grounded.update(failing)
        for notice in failing:
            del self._errors[notice]
        return failing

    async def _landed(self) -> None:
        """Wait until nothing is under way."""
        for _ in range(IN_THE_AIR):
            await self._free.acquire()
        for _ in range(IN_THE_AIR):
            self._free.release()


async def _pause(tx: AsyncSession, notice: int, *, at: datetime) -> None:
    """Pause a notice and tell staff, where it was not that which did not arrive."""
    row = await tx.get_one(NoticeRow, notice)
    if not await pause(tx, notice, because="errors", at=at) or row.kind == STAFF:
        return
    said = Both.said(lambda lang: text(lang, PAUSED, name=open_name_of(row, lang)))
    await tell_staff(tx, f"paused/{notice}/{at.isoformat()}", said, page=f"/broadcasts/{notice}", at=at)
