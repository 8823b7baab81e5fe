"""Support (공감): counted once a citizen, and what many of them set going."""

import asyncio
import re

import pytest

from flows import suggesting
from flows.answering import read_topics
from flows.city import city as content
from flows.suggesting import Status
from flows.wording import Lang
from tests.city import Answer, Citizen, City
from tests.suggesting.conftest import Office

WORDS = "버스 정류장에 그늘막을 늘려 주세요"
PROMISE = content().suggestions.promise
assert PROMISE is not None


async def supporters_of(city: City, receipt: str) -> int:
    """The count that is kept, which is that of the rows."""
    kept = await city.scalar(f"SELECT supports FROM suggestions WHERE receipt = '{receipt}'")
    rows = await city.scalar(
        f"SELECT count(*) FROM supports JOIN suggestions ON id = suggestion_id WHERE receipt = '{receipt}'"
    )
    assert kept == rows
    return int(kept)


async def events(city: City, kind: str) -> list[str]:
    found = await city.scalar(f"SELECT array_agg(words ORDER BY id) FROM suggestion_events WHERE kind = '{kind}'")
    return found or []


async def refused(city: City, who: Citizen, choice: str) -> str:
    body = {"choice": choice, "lang": who.lang, "session": who.session}
    response = await city.http.post("/api/chat", json=body)
    assert response.status_code in (404, 409, 422), response.text
    return str(response.json()["detail"])


async def crowd(city: City, receipt: str, many: int) -> Answer:
    """Other citizens who all support it; what the last of them is told."""
    for _ in range(many):
        answer = await city.citizen().press(f"support:{receipt}")
    return answer


async def test_one_citizen_counts_once_and_can_take_it_back(city: City, office: Office) -> None:
    receipt, jun = await office.published(city.citizen(), WORDS), city.citizen()
    for _ in range(2):
        answer = await jun.press(f"support:{receipt}")
        assert await supporters_of(city, receipt) == 1
    assert "공감 1명" in answer.text
    for _ in range(2):
        await jun.press(f"support:{receipt}:undo")
        assert await supporters_of(city, receipt) == 0
    await jun.press(f"support:{receipt}")
    assert await supporters_of(city, receipt) == 1


async def test_many_at_the_same_moment_are_all_counted(city: City, office: Office) -> None:
    receipt = await office.published(city.citizen(), WORDS)
    people = [city.citizen() for _ in range(12)]
    async with asyncio.TaskGroup() as at_once:
        for person in people:
            at_once.create_task(person.press(f"support:{receipt}"))
    assert await supporters_of(city, receipt) == 12
    assert await events(city, "raised") == ["10"], "the step was reached once"


async def test_it_is_refused_in_words_where_it_would_mean_nothing(city: City, office: Office) -> None:
    mina, jun = city.citizen(), city.citizen()
    await jun.press("menu")
    unpublished = await mina.suggest(WORDS)
    assert "공개되지 않았거나" in await refused(city, jun, f"support:{unpublished}")
    receipt = await office.publish(unpublished)
    assert "직접 보내신" in await refused(city, mina, f"support:{receipt}")
    await office.decide(receipt, Status.DECLINED)
    assert "최종 답변" in await refused(city, jun, f"support:{receipt}")
    for garbled in ("support", "support:", "support:x", f"support:{receipt}:twice", f"support:{receipt}:undo:undo"):
        assert await refused(city, jun, garbled)
    assert await supporters_of(city, receipt) == 0


async def test_what_the_city_still_has_to_do_can_be_supported(city: City, office: Office) -> None:
    receipt = await office.published(city.citizen(), WORDS)
    await office.decide(receipt, Status.ACCEPTED)
    await crowd(city, receipt, 1)
    assert await supporters_of(city, receipt) == 1
    await office.decide(receipt, Status.DONE)
    assert f"support:{receipt}" not in (await city.citizen().press(f"suggestion_status:{receipt}")).choices


async def test_enough_supporters_start_the_clock_of_a_promise(city: City, office: Office) -> None:
    assert PROMISE is not None
    mina, jun = city.citizen(), city.citizen("en")
    receipt = await office.published(mina, WORDS)
    await jun.press(f"support:{receipt}")
    await crowd(city, receipt, PROMISE.supporters - 2)
    assert await city.scalar("SELECT promised_at FROM suggestions") is None
    last = await crowd(city, receipt, 1)
    # Ten working days after Monday 2 March 2026: no holiday in between.
    assert "2026년 3월 16일까지 답변 약속" in last.text
    assert await events(city, "promised") == ["2026-03-16"]
    assert str(await city.scalar("SELECT due_at AT TIME ZONE 'Asia/Seoul' FROM suggestions")).startswith("2026-03-17")
    await crowd(city, receipt, 1)
    assert len(await events(city, "promised")) == 1, "once"
    assert await events(city, "raised") == ["10", "50"]

    await city.work_until_idle()
    told = [message["text"] for message in await mina.inbox()]
    assert [f"{PROMISE.supporters}명이 공감했습니다" in text for text in told] == [True]
    (to_jun,) = await jun.inbox()
    assert "you are one of them" in to_jun["text"]
    assert "16 March 2026" in to_jun["text"]
    assert to_jun["choices"][0]["value"] == f"suggestion_status:{receipt}"
    assert "answer promised by 16 march 2026" in (await jun.press("my_suggestions")).text.lower()


async def test_support_from_long_ago_starts_no_promise(city: City, office: Office) -> None:
    assert PROMISE is not None
    receipt = await office.published(city.citizen(), WORDS)
    await crowd(city, receipt, PROMISE.supporters - 1)
    city.clock.forward(days=PROMISE.in_days + 1)
    await crowd(city, receipt, 1)
    assert await supporters_of(city, receipt) == PROMISE.supporters
    assert await city.scalar("SELECT promised_at FROM suggestions") is None


async def test_support_does_not_stand_in_the_way_of_staff(city: City, office: Office) -> None:
    """They save what they saw: a supporter in between changes nothing of it."""
    receipt = await office.published(city.citizen(), WORDS)
    version = await city.scalar("SELECT version FROM suggestions")
    await crowd(city, receipt, 1)
    assert await city.scalar("SELECT version FROM suggestions") == version


async def test_a_merged_one_passes_its_supporters_on(city: City, office: Office) -> None:
    mina, jun, both = city.citizen(), city.citizen(), city.citizen()
    first, second = await office.published(mina, WORDS), await office.published(jun, "정류장마다 그늘막을 놓아 주세요")
    for receipt in (first, second):
        await both.press(f"support:{receipt}")
    await mina.press(f"support:{second}")
    await crowd(city, second, 1)
    async with city.damso.db.transaction() as tx:
        merged, into = await suggesting.by_receipt(tx, second), await suggesting.by_receipt(tx, first)
        await suggesting.carry_support(tx, merged, into, at=city.clock())
    assert await supporters_of(city, first) == 3, "jun, the one of both, and the one of the second; not its own author"


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_a_link_from_the_web_offers_the_button(city: City, office: Office, lang: str) -> None:
    receipt = await office.published(city.citizen(), WORDS)
    page = (await city.http.get("/", params={"choice": f"support:{receipt}", "lang": lang})).text
    assert f'value="support:{receipt}"' in page
    assert WORDS in page
    for other in ("forget_me:confirm", "support:GJ-0000-0000", f"support:{receipt}:undo", "support:"):
        page = (await city.http.get("/", params={"choice": other, "lang": lang})).text
        assert 'id="prompt"' not in page, other


async def test_a_link_into_telegram_supports_at_once(city: City, office: Office) -> None:
    receipt, jun = await office.published(city.citizen(), WORDS), city.citizen()
    answer = await jun.say(f"/start support-{receipt}")
    assert answer.intent == "support"
    assert f"support:{receipt}:undo" in answer.choices
    assert await supporters_of(city, receipt) == 1


async def test_supporters_find_it_and_are_told_of_the_answer(city: City, office: Office) -> None:
    receipt, jun = await office.published(city.citizen(), WORDS), city.citizen()
    await jun.press(f"support:{receipt}")
    assert receipt in (await jun.press("my_suggestions")).text
    await office.decide(receipt, Status.ACCEPTED)
    await city.work_until_idle()
    assert [receipt in message["text"] for message in await jun.inbox()] == [True]


async def test_erasing_oneself_takes_the_support_back(city: City, office: Office) -> None:
    receipt, jun = await office.published(city.citizen(), WORDS), city.citizen()
    await jun.press(f"support:{receipt}")
    assert receipt in (await jun.press("my_data")).text
    await jun.press("forget_me:confirm")
    assert await supporters_of(city, receipt) == 0


async def test_supporters_hear_that_it_was_taken_back(city: City, office: Office) -> None:
    mina, jun = city.citizen(), city.citizen()
    receipt = await office.published(mina, WORDS)
    await jun.press(f"support:{receipt}")
    await mina.press(f"withdraw_suggestion:{receipt}:confirm")
    await city.work_until_idle()
    assert ["철회했습니다" in message["text"] for message in await jun.inbox()] == [True]
    assert receipt not in (await jun.press("my_suggestions")).text


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_citizens_read_the_rules_that_are_in_force(lang: Lang) -> None:
    """The numbers stand in city.yml and, in words, in the topic."""
    rules, topic = content().suggestions, read_topics()["suggestion_process"]
    assert rules.promise is not None
    in_answer = [rules.answer_in_working_days, *rules.promise.model_dump().values()]
    in_more = [rules.draft_kept_days, rules.author_replies_in_days, rules.contested_in_days, rules.survey_after_days]
    assert topic.more is not None
    for said, numbers in ((topic.answer.of(lang), in_answer), (topic.more.of(lang), in_more)):
        missing = [number for number in numbers if not re.search(rf"(?<!\d){number}(?!\d)", said)]
        assert not missing, f"flows/answering/topics/suggestion_process.yml ({lang}) does not say {missing}"
