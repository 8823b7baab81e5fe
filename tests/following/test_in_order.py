"""Several messages for one person: first what happened first."""

import asyncio

from flows import delivering
from flows.city import Both
from flows.delivering import Outcome, Parcel
from flows.messages import CitizenId
from tests.city import City

FIRST, SECOND, THIRD = "The first", "The second", "The third"


class Chat:
    """A channel in which the first message takes the longest; `held`: it asks to wait before any is taken."""

    def __init__(self, *, held: bool = False) -> None:
        self.held, self.tried, self.taken = held, 0, list[str]()

    async def send(self, parcel: Parcel) -> Outcome:
        self.tried += 1
        for _ in range(10 // self.tried):
            await asyncio.sleep(0)  # lets the others go on
        if self.held:
            return Outcome("later")
        self.taken.append(parcel.reply.text)
        return Outcome("sent")


async def owed(city: City, *messages: str) -> None:
    """Somebody is owed these, one event each."""
    await city.citizen("en").press("menu")
    citizen = CitizenId(await city.scalar("SELECT max(id) FROM citizens"))
    async with city.damso.db.transaction() as tx:
        for said in messages:
            await delivering.tell(tx, citizen, f"test/{said}", Both(ko=said, en=said), at=city.clock())


async def deliver(city: City, chat: Chat) -> int:
    return await delivering.deliver_due(city.damso.db, {"web": chat}, city.clock)


async def test_messages_for_one_person_go_out_in_the_order_of_what_happened(city: City) -> None:
    await owed(city, FIRST, SECOND, THIRD)
    chat = Chat()
    assert await deliver(city, chat) == 3
    assert chat.taken == [FIRST, SECOND, THIRD]


async def test_what_holds_up_one_message_holds_up_those_behind_it(city: City) -> None:
    await owed(city, FIRST, SECOND, THIRD)
    chat = Chat(held=True)
    assert await deliver(city, chat) == 0
    assert chat.tried == 1, "those behind are not tried"
    city.clock.forward(minutes=1)
    chat = Chat()
    assert await deliver(city, chat) == 3
    assert chat.taken == [FIRST, SECOND, THIRD]


async def test_one_person_does_not_wait_for_another(city: City) -> None:
    await owed(city, FIRST)
    await owed(city, SECOND)
    chat = Chat()
    assert await deliver(city, chat) == 2
    assert chat.taken == [SECOND, FIRST], "the slower first one kept nobody else waiting"
