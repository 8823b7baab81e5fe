"""Jobs of delivering: ids in, a slice function called, nothing else. Running one twice is harmless."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from procrastinate import JobContext, RetryStrategy

from flows import delivering
from flows.delivering import Policy, Sender
from flows.store import Database
from flows.store.files import Files
from flows.store.queue import app
from flows.subscribing import Frequency

AGAIN = RetryStrategy(max_attempts=20, exponential_wait=2)


@dataclass(frozen=True, slots=True)
class Hands:
    """What jobs work with; the worker passes it as `additional_context={"hands": ...}`."""

    db: Database
    files: Files
    senders: Mapping[str, Sender]
    now: Callable[[], datetime]
    policy: Policy = field(default_factory=Policy)
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)


def _hands(context: JobContext) -> Hands:
    hands: Hands = context.additional_context["hands"]
    return hands


@app.task(name="delivering:announce", pass_context=True, retry=AGAIN)
async def announce(context: JobContext, update_id: int) -> None:
    hands = _hands(context)
    async with hands.db.transaction() as tx:
        await delivering.announce(tx, update_id, at=hands.now())


@app.task(name="delivering:send_due", pass_context=True, retry=AGAIN)
async def send_due(context: JobContext) -> None:
    hands = _hands(context)
    if hands.sending.locked():
        return  # this process is at it; what it does not find any more, the clock's next look does
    async with hands.sending:
        await delivering.deliver_due(hands.db, hands.senders, hands.now, hands.policy, context.should_abort)


@app.task(name="delivering:set_aside", pass_context=True, retry=AGAIN)
async def set_aside(context: JobContext, notice: int) -> None:
    await delivering.set_aside(_hands(context).db, notice)


@app.task(name="delivering:compile_digest", pass_context=True, retry=AGAIN)
async def compile_digest(context: JobContext, frequency: str, after: str, until: str) -> None:
    hands = _hands(context)
    async with hands.db.transaction() as tx:
        await delivering.compile_digest(
            tx, Frequency(frequency), datetime.fromisoformat(after), datetime.fromisoformat(until)
        )
