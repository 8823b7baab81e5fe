"""Before it is sent: has somebody said this? And what one citizen can send in a day."""

import pytest

from flows.city import city as content
from flows.suggesting import Status
from tests.city import City
from tests.suggesting.conftest import Office

WORDS = "버스 정류장에 그늘막을 늘려 주세요"
ALIKE = "버스 정류장마다 그늘막을 더 설치해 주세요"
UNLIKE = "도서관을 밤 열 시까지 열어 주세요"


async def test_similar_ones_are_shown_with_what_is_needed_to_decide(city: City, office: Office) -> None:
    receipt = await office.published(city.citizen(), WORDS)
    await city.work_until_idle()
    jun = city.citizen()
    await jun.press("submit_suggestion:start")
    shown = await jun.say(ALIKE)
    assert WORDS in shown.text
    assert "접수" in shown.text
    assert shown.choices == [f"support:{receipt}", "submit_suggestion:anyway", "submit_suggestion:cancel"]
    supported = await jun.press(f"support:{receipt}")
    assert ALIKE in supported.text, "not lost, and not sent"
    assert await city.scalar("SELECT count(*) FROM suggestions") == 1
    assert "submit_suggestion:start" in (await jun.press("submit_suggestion:resume")).choices


@pytest.mark.parametrize("on", ["submit_suggestion:anyway", "아니요"])
async def test_sending_ones_own_goes_on_as_always(city: City, office: Office, on: str) -> None:
    await office.published(city.citizen(), WORDS)
    await city.work_until_idle()
    city.rasa.means("아니요", "deny")
    jun = city.citizen()
    await jun.press("submit_suggestion:start")
    await jun.say(ALIKE)
    assert "submit_suggestion:anyway" in (await jun.press("submit_suggestion:resume")).choices
    about = await (jun.press(on) if ":" in on else jun.say(on))
    assert "submit_suggestion:theme:energy" in about.choices
    await jun.press("submit_suggestion:skip")
    assert "접수번호" in (await jun.press("submit_suggestion:confirm")).text


async def test_whoever_does_not_look_is_not_held_up(city: City, office: Office) -> None:
    await office.published(city.citizen(), WORDS)
    await city.work_until_idle()
    assert await city.citizen().suggest(ALIKE)
    assert await city.scalar("SELECT count(*) FROM suggestions") == 2


async def test_nothing_is_shown_that_is_unlike_or_not_public_or_ones_own(city: City, office: Office) -> None:
    mina, jun = city.citizen(), city.citizen()
    await office.published(mina, WORDS)
    await city.citizen().suggest(UNLIKE)
    await city.work_until_idle()
    for who, words in ((jun, UNLIKE), (mina, ALIKE)):
        await who.press("submit_suggestion:start")
        assert "submit_suggestion:skip" in (await who.say(words)).choices


async def test_an_answered_one_leads_to_its_answer(city: City, office: Office) -> None:
    receipt = await office.published(city.citizen(), WORDS)
    await office.decide(receipt, Status.DECLINED)
    await city.work_until_idle()
    jun = city.citizen()
    await jun.press("submit_suggestion:start")
    assert f"suggestion_status:{receipt}" in (await jun.say(ALIKE)).choices
    assert "시의 답변입니다" in (await jun.press(f"suggestion_status:{receipt}")).text


async def test_the_days_limit_is_said_and_the_draft_waits(city: City) -> None:
    most = content().suggestions.most_a_day
    mina = city.citizen()
    for number in range(most):
        await mina.suggest(f"{WORDS} {number}")
    await mina.press("submit_suggestion:start")
    await mina.say(UNLIKE)
    await mina.press("submit_suggestion:skip")
    refused = await mina.press("submit_suggestion:confirm")
    assert f"{most}건을 모두 보내셨습니다" in refused.text
    assert await city.scalar("SELECT count(*) FROM suggestions") == most
    city.clock.forward(days=1, minutes=1)
    assert "접수번호" in (await mina.press("submit_suggestion:confirm")).text


@pytest.mark.parametrize("written", ["가" * 10_000, "   \n\t ", "\u200b\u200b"])
async def test_ten_thousand_characters_and_only_blanks_are_refused_in_a_sentence(city: City, written: str) -> None:
    mina = city.citizen()
    await mina.press("submit_suggestion:start")
    body = {"session": mina.session, "lang": "ko", "text": written}
    response = await city.http.post("/api/chat", json=body)
    assert response.status_code == 422
    assert response.json()["detail"].endswith(("주세요.", "있습니다."))
    assert "submit_suggestion:skip" in (await mina.say(WORDS)).choices, "the dialogue is where it was"
