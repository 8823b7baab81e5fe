"""A member of staff for the stories of citizens: at work, but not at the console, which has tests of its own."""

from dataclasses import dataclass

import pytest

from flows import accounts, reviewing, suggesting
from flows.accounts import Role, Staff
from flows.city import Both
from flows.suggesting import Status
from tests.city import PASSWORD, Citizen, City

ANSWER = Both(ko="시의 답변입니다", en="The answer of the city")


@dataclass
class Office:
    city: City
    staff: Staff

    async def publish(self, receipt: str) -> str:
        async with self.city.damso.db.transaction() as tx:
            await reviewing.publish(tx, receipt, by=self.staff, at=self.city.clock())
        return receipt

    async def ask(self, receipt: str, question: str) -> None:
        async with self.city.damso.db.transaction() as tx:
            await reviewing.ask_author(tx, receipt, question, by=self.staff, at=self.city.clock())

    async def decide(self, receipt: str, *path: Status) -> None:
        """Take it through these states, one after the other."""
        for to in path:
            async with self.city.damso.db.transaction() as tx:
                seen = (await suggesting.by_receipt(tx, receipt)).status
                await reviewing.decide(tx, receipt, to, ANSWER, seen=seen, by=self.staff, at=self.city.clock())

    async def published(self, author: Citizen, words: str) -> str:
        """What `author` suggests, for everybody to read; its receipt."""
        return await self.publish(await author.suggest(words))


@pytest.fixture
async def office(city: City) -> Office:
    async with city.damso.db.transaction() as tx:
        return Office(city, await accounts.add(tx, "office@example.org", Role.ADMIN, PASSWORD, at=city.clock()))
