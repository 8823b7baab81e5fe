"""Two members of staff at one plan, each in a transaction of their own."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, commitments
from flows.accounts import Role, Staff
from flows.commitments import MilestoneState, OgpLevel, PlannedLevel, PlannedSource, Status
from flows.errors import Invalid
from tests.city import City
from tests.promising.test_plan import CODE, enter, show

LEVEL = PlannedLevel(level=OgpLevel.LIMITED, source=PlannedSource(title="Report", as_of="2022-12"))


async def at_once(
    city: City, first: Callable[[AsyncSession], Awaitable[object]], second: Callable[[AsyncSession], Awaitable[object]]
) -> None:
    """`first` has written and not committed when `second` begins; whatever that raises comes out."""

    async def comes_second() -> None:
        async with city.damso.db.transaction() as tx:
            await second(tx)

    async with city.damso.db.transaction() as tx:
        await first(tx)
        other = asyncio.create_task(comes_second())
        async with asyncio.timeout(10):
            while not other.done() and not await city.scalar("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                pass
    await other


async def test_of_two_who_change_a_plan_at_once_each_is_named_for_their_own(city: City) -> None:
    async with city.damso.db.transaction() as tx:
        people: list[Staff] = []
        for name in ("mina", "jun"):
            people.append(
                await accounts.add(tx, f"{name}@example.org", Role.EDITOR, "a long enough password", at=city.clock())
            )
    mina, jun = people
    today = city.clock().date()
    await at_once(
        city,
        lambda tx: commitments.set_level(tx, CODE, LEVEL, by=mina, at=city.clock()),
        lambda tx: commitments.set_status(tx, CODE, Status.LIMITED, as_of=today, by=jun, at=city.clock()),
    )
    async with city.damso.db.transaction() as tx:
        found = await commitments.changes_of(tx, CODE, limit=4)
    assert {(change.field, change.by) for change in found} == {
        ("level", mina.called),
        ("level.source", mina.called),
        ("status", jun.called),
        ("status_as_of", jun.called),
    }


async def test_the_last_evidence_stays_when_somebody_makes_the_milestone_complete_meanwhile(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    await enter(editor)
    await show(editor, "2026-02-20")
    evidence = await city.scalar("SELECT id FROM evidence")
    with pytest.raises(Invalid):
        await at_once(
            city,
            lambda tx: commitments.move_milestone(tx, CODE, 1, MilestoneState.COMPLETE, by=None, at=city.clock()),
            lambda tx: commitments.remove_evidence(tx, CODE, 1, evidence, by=None, at=city.clock()),
        )
    assert await city.scalar("SELECT count(*) FROM evidence") == 1
