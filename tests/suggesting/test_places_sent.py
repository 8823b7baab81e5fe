"""A place on the map, sent from Telegram, belongs to the suggestion being written."""

from itertools import count
from typing import Any

import pytest
from telegram import Update

from bot.channels.telegram.reading import read
from flows.messages import Answered, Point
from tests.city import City

WORDS = "버스 정류장에 그늘막을 늘려 주세요"
HERE = {"latitude": 35.159547, "longitude": 126.852601}
JUN = {"id": 7, "is_bot": False, "first_name": "준", "language_code": "ko"}
_ids = count(1)


async def send(city: City, **content: Any) -> Answered:
    """What Jun sends in Telegram, as the Bot API has it."""
    message = {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}, "from": JUN, **content}
    heard = read(Update.de_json({"update_id": next(_ids), "message": message}), city.clock())
    assert heard is not None
    assert heard.message is not None
    return await city.damso.conversation.receive(heard.message)


async def press(city: City, value: str) -> Answered:
    query = {"id": "1", "chat_instance": "1", "from": JUN, "data": value}
    heard = read(Update.de_json({"update_id": next(_ids), "callback_query": query}), city.clock())
    assert heard is not None
    assert heard.message is not None
    return await city.damso.conversation.receive(heard.message)


def said(answered: Answered) -> str:
    return "\n".join(reply.text for reply in answered.replies)


async def test_it_goes_with_the_draft(city: City) -> None:
    await press(city, "submit_suggestion:start")
    await send(city, text=WORDS)
    await press(city, "submit_suggestion:skip")
    assert "위치" in said(await press(city, "submit_suggestion:place"))
    assert "35.1595, 126.8526" in said(await send(city, location=HERE)), "no more precise than it has to be"
    await press(city, "submit_suggestion:confirm")
    assert await city.scalar("SELECT latitude || ' ' || longitude FROM suggestions") == "35.1595 126.8526"


async def test_at_any_step_it_is_kept_and_the_step_asks_again(city: City) -> None:
    await press(city, "submit_suggestion:start")
    assert "제안을 한 번에 써서" in said(await send(city, location=HERE))
    await send(city, text=WORDS)
    await send(city, location={"latitude": 35.2, "longitude": 126.9})
    assert "35.2000, 126.9000" in said(await press(city, "submit_suggestion:skip")), "the last one"
    assert "북구" in said(await press(city, "submit_suggestion:district:bukgu"))
    await press(city, "submit_suggestion:confirm")
    assert await city.scalar("SELECT district FROM suggestions") == "bukgu"
    assert await city.scalar("SELECT latitude FROM suggestions") is None, "the district took its place"


async def test_without_a_draft_it_is_not_kept_and_one_is_offered(city: City) -> None:
    answered = await send(city, location=HERE)
    assert answered.replies[-1].choices[0].value == "submit_suggestion:start"
    assert await city.scalar("SELECT step FROM citizens") is None


@pytest.mark.parametrize(("latitude", "longitude"), [(90.1, 0), (-90.1, 0), (0, 180.1), (float("nan"), 0)])
def test_a_place_outside_of_the_earth_is_none(latitude: float, longitude: float) -> None:
    with pytest.raises(ValueError, match="not a place"):
        Point(latitude, longitude)
