"""What cannot be answered is refused in words, in the caller's language, and leaves nothing behind."""

import json
from typing import Any

import pytest

from tests.city import City

CASES: dict[str, tuple[dict[str, Any], int, str]] = {
    "unknown session": ({"session": "nobody.nowhere", "text": "hi"}, 404, ""),
    "both text and choice": ({"text": "hi", "choice": "menu"}, 422, "choice"),
    "neither": ({}, 422, "choice"),
    "only null bytes": ({"text": "\x00\x00"}, 422, "text"),
    "only blanks": ({"text": "   "}, 422, "text"),
    "nothing that can be seen": ({"text": "\u200b\u202e\x07\ufeff"}, 422, "text"),
    "text over the limit": ({"text": "가" * 5_000}, 422, "text"),
    "a choice that does not exist": ({"choice": "fly:moon"}, 422, "choice"),
    "a choice with a wrong subject": ({"choice": "ask:nothing"}, 422, "choice"),
    "a commitment that does not exist": ({"choice": "subscribe:KRGNJ9999:instant"}, 422, "choice"),
    "a frequency that does not exist": ({"choice": "subscribe:all:hourly"}, 422, "choice"),
    "a choice over 64 bytes": ({"choice": "x" * 65}, 422, "choice"),
    "a language we do not speak": ({"text": "hi", "lang": "fr"}, 422, "lang"),
    "text that is a number": ({"text": 7}, 422, "text"),
    "an unknown field": ({"text": "hi", "admin": True}, 422, "admin"),
}


@pytest.mark.parametrize(("body", "status", "field"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_bad_messages_get_a_problem_in_the_callers_language(
    city: City, body: dict[str, Any], status: int, field: str, lang: str
) -> None:
    response = await city.http.post("/api/chat", json=body, headers={"Accept-Language": lang})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem.get("field", "") == field
    assert any("가" <= letter <= "힣" for letter in problem["detail"]) == (lang == "ko")
    assert await city.scalar("SELECT count(*) FROM citizens") == 0


async def test_broken_json_is_a_400(city: City) -> None:
    response = await city.http.post("/api/chat", content=b'{"text": ', headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()["field"] == "body"


@pytest.mark.parametrize("characters", [100_000, 1_000_000])
async def test_a_book_is_refused_before_it_is_read_whole(city: City, characters: int) -> None:
    body = json.dumps({"text": "a" * characters})
    response = await city.http.post("/api/chat", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "text", ["😀😀😀", "ㅋ", "?!?!", "\ud800안녕", "<script>alert(1)</script>", "'; DROP TABLE citizens;--"]
)
async def test_odd_texts_get_an_answer(city: City, text: str) -> None:
    body = json.dumps({"text": text, "lang": "en"})
    response = await city.http.post("/api/chat", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200
    assert response.json()["replies"][0]["text"]


async def test_an_unknown_receipt_is_a_404_and_a_reply(city: City) -> None:
    response = await city.http.get("/api/suggestions/GJ-2222-3333", params={"lang": "en"})
    assert response.status_code == 404
    assert "receipt number" in response.json()["detail"]
    assert "receipt number" in (await city.citizen("en").say("GJ-AAAA-AAAA")).text


@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere", "/commitments/KRGNJ9999", "/api/commitments/KRGNJ9999"])
async def test_what_is_not_there_is_said_in_words(city: City, path: str) -> None:
    response = await city.http.get(path, params={"lang": "en"})
    assert response.status_code == 404
    assert "There is no" in response.text or "nothing here" in response.text


@pytest.mark.parametrize("query", ["before=abc", "before=-1", "before=99999999999999999999999", "page=x"])
@pytest.mark.parametrize("path", ["/updates", "/suggestions", "/api/updates"])
async def test_odd_page_numbers_are_never_a_500(city: City, path: str, query: str) -> None:
    assert (await city.http.get(f"{path}?{query}")).status_code in (200, 404, 422)


async def test_the_same_message_id_has_one_effect_and_the_first_answer(city: City) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    await mina.say("학교 옥상에 태양광을 달아 주세요")
    await mina.press("submit_suggestion:skip")
    first = await mina.press("submit_suggestion:confirm", message_id="same")
    second = await mina.press("submit_suggestion:confirm", message_id="same")
    assert first["replies"] == second["replies"]
    assert await city.scalar("SELECT count(*) FROM suggestions") == 1


async def test_too_many_messages_are_refused_with_a_time_to_come_back(city: City) -> None:
    city.damso.conversation._per_citizen = 3
    mina = city.citizen("en")
    for _ in range(3):
        await mina.press("menu")
    response = await city.http.post("/api/chat", json={"session": mina.session, "choice": "menu", "lang": "en"})
    assert response.status_code == 429
    assert int(response.headers["retry-after"]) <= 60
