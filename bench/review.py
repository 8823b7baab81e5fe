"""Many staff at many suggestions at the same time: `python -m bench.review` (`make bench-review`).

50 simulated members of staff do at random whatever the console offers, each act in a transaction of its own on a real
database, and now and then an author replies, contests or withdraws: 200 suggestions, 60 seconds. Then every history
must be a path of the state table, and every act of staff in the audit log.

Prints what was done and refused, and as its last line the figures as JSON.
"""

import asyncio
import json
import random
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot import embedded
from flows import accounts, announcing, answering, commitments, reviewing, suggesting
from flows.accounts import Role, Staff
from flows.citizens import arrive
from flows.city import Both
from flows.errors import Refused
from flows.messages import Citizen, Message
from flows.store import Database, migrate
from flows.suggesting import Actor, Event, Kind, Status, move_between

STAFF, SUGGESTIONS, SECONDS, CITIZENS = 50, 200, 60.0, 20
ANSWER = Both(ko="내년에 늘리겠습니다.", en="We will add more next year.")
BEGINNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
UNAUDITED = """
    SELECT count(*) FROM suggestion_events AS line JOIN suggestions ON suggestions.id = line.suggestion_id
    WHERE line.actor = 'staff' AND NOT EXISTS (
        SELECT FROM audit WHERE target = receipt AND audit.staff_id = line.staff_id AND audit.at = line.at)
"""


@dataclass
class World:
    """A city at work. Each act has a moment of its own, so that its line and its audit row can be told from others."""

    db: Database
    staff: list[Staff]
    citizens: list[Citizen]
    receipts: list[str]
    acts: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def now(self) -> datetime:
        self.acts += 1
        return BEGINNING + timedelta(milliseconds=self.acts)


async def people(db: Database, *, staff: int, suggestions: int) -> World:
    """A database with staff of every role, citizens, and what they have suggested."""
    world, roles = World(db, [], [], []), list(Role)
    async with db.transaction() as tx:
        await commitments.load_plans(tx, commitments.read_plans(), at=BEGINNING)
        for n in range(staff):
            made = await accounts.add(tx, f"s{n}@example.org", roles[n % 3], secrets.token_urlsafe(16), at=BEGINNING)
            world.staff.append(made)
        for n in range(CITIZENS):
            message = Message("web", f"citizen {n}", BEGINNING, text="-")
            world.citizens.append(
                await arrive(tx, message, "ko", announcing.current_id(BEGINNING), answering.edition())
            )
        for n in range(suggestions):
            author = world.citizens[n % CITIZENS]
            sent = await suggesting.submit(tx, author, f"정류장 {n}에 그늘막을 늘려 주세요", "ko", at=BEGINNING)
            world.receipts.append(sent.receipt)
    return world


async def run(world: World, *, is_over: Callable[[], bool], chance: random.Random) -> None:
    """Let everybody work until it is over."""

    async def works(staff: Staff) -> None:
        while not is_over():
            await one_act(world, staff, chance)

    async with asyncio.TaskGroup() as at_work:
        for staff in world.staff:
            at_work.create_task(works(staff))


async def one_act(world: World, staff: Staff, chance: random.Random) -> None:
    """Something at random: read a suggestion, think, and act on it as it was when it was read."""
    name, act = chance.choice(ACTS)
    receipt, other = chance.sample(world.receipts, 2)
    async with world.db.transaction() as tx:
        seen = await suggesting.by_receipt(tx, receipt)
    await asyncio.sleep(chance.random() / 100)
    how = {"by": staff, "at": world.now(), "seen": seen.version}
    try:
        async with world.db.transaction() as tx:
            await act(tx, seen, other, chance, how)
        world.done[name] += 1
    except Refused as refused:
        world.refused[type(refused).__name__] += 1


async def _decide(tx: Any, s: suggesting.Suggestion, _: str, chance: random.Random, how: dict[str, Any]) -> None:
    to = chance.choice(list(Status))
    answer = ANSWER if to in suggesting.ANSWERED else None
    await reviewing.decide(tx, s.receipt, to, answer, seen=s.status, version=how["seen"], by=how["by"], at=how["at"])


async def _correct(tx: Any, s: suggesting.Suggestion, _: str, __: random.Random, how: dict[str, Any]) -> None:
    await reviewing.correct(tx, s.receipt, Both(ko=f"{how['at']}", en="Corrected."), **how)


async def _author(tx: Any, s: suggesting.Suggestion, _: str, chance: random.Random, how: dict[str, Any]) -> None:
    to = Status.WITHDRAWN if chance.random() < 0.1 else Status.IN_REVIEW
    contested = {"contested_at": how["at"]} if s.status in suggesting.DECIDED and to is Status.IN_REVIEW else {}
    await suggesting.move(tx, s.receipt, s.status, to, actor=Actor.AUTHOR, at=how["at"], **contested)


async def _support(tx: Any, s: suggesting.Suggestion, _: str, chance: random.Random, how: dict[str, Any]) -> None:
    row = await tx.scalar(text("SELECT id FROM citizens ORDER BY random() LIMIT 1"))
    await suggesting.support(tx, row, s.receipt, at=how["at"])


type Act = Callable[[Any, suggesting.Suggestion, str, random.Random, dict[str, Any]], Awaitable[object]]
ACTS: Sequence[tuple[str, Act]] = (
    *[("decide", _decide)] * 6,
    ("correct", _correct),
    *[("author", _author)] * 2,
    *[("support", _support)] * 2,
    *[("ask", lambda tx, s, _, __, how: reviewing.ask_author(tx, s.receipt, "어느 정류장인가요?", **how))] * 2,
    ("merge", lambda tx, s, other, _, how: reviewing.merge(tx, s.receipt, other, **how)),
    *[("hide", lambda tx, s, _, __, how: reviewing.hide(tx, s.receipt, ANSWER, **how))] * 2,
    *[("bring_back", lambda tx, s, _, __, how: reviewing.bring_back(tx, s.receipt, **how))] * 3,
    ("publish", lambda tx, s, _, __, how: reviewing.publish(tx, s.receipt, **how)),
    ("unpublish", lambda tx, s, _, __, how: reviewing.unpublish(tx, s.receipt, **how)),
    ("translate", lambda tx, s, _, __, how: reviewing.translate(tx, s.receipt, f"Shade {how['at']}", **how)),
    ("moderate", lambda tx, s, _, __, how: reviewing.moderate(tx, s.receipt, f"그늘막 {how['at']}", **how)),
    ("take", lambda tx, s, _, __, how: reviewing.take(tx, s.receipt, **how)),
    ("release", lambda tx, s, _, __, how: reviewing.release(tx, s.receipt, **how)),
)


def is_path(history: Sequence[Event], now: Status) -> bool:
    """Whether the moves of a history are moves of the state table, one leading to the next, and to where it is now."""
    at, before_hiding = Status.RECEIVED, None
    for line in history:
        if line.kind is not Kind.MOVED or line.before is None or line.after is None:
            continue
        move = move_between(line.before, line.after)
        if line.before is not at or move is None or not move.is_for(line.actor):
            return False
        if at is Status.HIDDEN and line.after not in (before_hiding, Status.HIDDEN):
            return False
        if line.after is Status.HIDDEN and at is not Status.HIDDEN:
            before_hiding = at
        at = line.after
    return at is now


async def illegal(world: World) -> int:
    """How many histories are no path of the state table."""
    count = 0
    async with world.db.transaction() as tx:
        for receipt in world.receipts:
            s = await suggesting.by_receipt(tx, receipt)
            count += not is_path(await suggesting.history(tx, s), s.status)
    return count


async def unaudited(world: World) -> int:
    """How many acts of staff stand in a history and not in the audit log."""
    async with world.db.transaction() as tx:
        return int(await tx.scalar(text(UNAUDITED)) or 0)


async def miscounted(world: World) -> int:
    """How many suggestions have another number of supporters than they have."""
    counted = """
        SELECT count(*) FROM suggestions AS s
        WHERE supports <> (SELECT count(*) FROM supports WHERE suggestion_id = s.id)
    """
    async with world.db.transaction() as tx:
        return int(await tx.scalar(text(counted)) or 0)


async def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, embedded.started(Path(folder)) as url:
        migrate(url)
        db = Database(url)
        try:
            world = await people(db, staff=STAFF, suggestions=SUGGESTIONS)
            until = time.monotonic() + SECONDS
            await run(world, is_over=lambda: time.monotonic() >= until, chance=random.Random(1))
            figures = {
                "review_staff": STAFF,
                "review_suggestions": SUGGESTIONS,
                "review_seconds": SECONDS,
                "review_acts": sum(world.done.values()),
                "review_refused": sum(world.refused.values()),
                "review_illegal": await illegal(world),
                "review_unaudited": await unaudited(world),
                "review_miscounted": await miscounted(world),
            }
        finally:
            await db.close()
    for title, counts in (("done", world.done), ("refused", world.refused)):
        print(title)
        for name, count in counts.most_common():
            print(f"  {name:<16} {count:>7}")
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(main())
