"""Staff ask an author for more, and what is linked to a suggestion comes about: both sides hear of it."""

from datetime import date, timedelta

from flows import commitments, reviewing
from flows.city import Both
from flows.city import city as content
from flows.commitments import EvidenceKind, MilestoneState
from flows.suggesting import Status
from tests.city import City
from tests.suggesting.conftest import Office
from tests.suggesting.test_support import refused

WORDS = "버스 정류장에 그늘막을 늘려 주세요"
QUESTION = "어느 정류장을 말씀하시나요?"
CODE = "KRGNJ0001"


async def test_a_reply_lands_in_the_history_and_staff_go_on(city: City, office: Office) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    await office.ask(receipt, QUESTION)
    await city.work_until_idle()
    (asked,) = await mina.inbox()
    assert QUESTION in asked["text"]
    assert asked["choices"][0]["value"] == f"reply:{receipt}"
    assert QUESTION in (await mina.press(f"reply:{receipt}")).text
    assert "고맙습니다" in (await mina.say("2번요")).text, "a reply may be short"
    assert await city.scalar("SELECT status FROM suggestions") == "in_review"
    assert await city.scalar("SELECT words FROM suggestion_events WHERE kind = 'replied'") == "2번요"
    assert await city.scalar("SELECT due_at > now() FROM suggestions") is not None
    assert "보완 요청" in await refused(city, mina, f"reply:{receipt}")
    await mina.press("forget_me:confirm")
    assert await city.scalar("SELECT words FROM suggestion_events WHERE kind = 'replied'") is None


async def test_the_button_is_with_its_state_and_only_for_its_author(city: City, office: Office) -> None:
    mina, jun = city.citizen(), city.citizen()
    receipt = await mina.suggest(WORDS)
    await office.ask(receipt, QUESTION)
    assert f"reply:{receipt}" in (await mina.press(f"suggestion_status:{receipt}")).choices
    assert f"reply:{receipt}" not in (await jun.press(f"suggestion_status:{receipt}")).choices
    assert await refused(city, jun, f"reply:{receipt}")


async def test_without_a_reply_the_clock_goes_on_and_says_so(city: City, office: Office) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    await office.ask(receipt, QUESTION)
    await city.work_until_idle()
    last_day = city.clock().replace(hour=23) + timedelta(days=content().suggestions.author_replies_in_days)
    city.clock.set(f"{last_day:%Y-%m-%d %H:%M}")
    await city.work_until_idle()
    await mina.press(f"reply:{receipt}")
    assert await city.scalar("SELECT status FROM suggestions") == "author_asked"
    city.clock.forward(hours=1)
    for _ in range(2):
        await city.work_until_idle()
    moved = "SELECT before || ' ' || after || ' ' || actor FROM suggestion_events ORDER BY id DESC LIMIT 1"
    assert await city.scalar(moved) == "author_asked in_review clock"
    assert "보완 요청" in (await mina.say("시청 앞 정류장이에요")).text, "too late for that"
    city.clock.forward(hours=9)
    await city.work_until_idle()
    assert ["기한이 지났습니다" in message["text"] for message in await mina.inbox()] == [False, True]


async def test_author_and_supporters_hear_what_their_suggestion_changed(city: City, office: Office) -> None:
    mina, jun = city.citizen(), city.citizen("en")
    receipt = await office.published(mina, WORDS)
    await jun.press(f"support:{receipt}")
    async with city.damso.db.transaction() as tx:
        title, at = Both(ko="그늘막 설치", en="Shade at stops"), city.clock()
        milestone = await commitments.add_milestone(tx, CODE, title, date(2026, 3, 9), by=office.staff, at=at)
        await reviewing.link(tx, receipt, f"milestone:{milestone.id}", by=office.staff, at=city.clock())
    await city.work_until_idle()
    assert await mina.inbox() == [], "nothing has moved yet"
    async with city.damso.db.transaction() as tx:
        shown = commitments.PlannedEvidence(
            kind=EvidenceKind.LINK, date=date(2026, 3, 2), title=title, url="https://example.org/shade"
        )
        await commitments.add_evidence(tx, CODE, milestone.number, shown, by=office.staff, at=at)
        await commitments.move_milestone(tx, CODE, milestone.number, MilestoneState.COMPLETE, by=office.staff, at=at)
    for _ in range(2):
        await city.work_until_idle()
    (to_mina,), (to_jun,) = await mina.inbox(), await jun.inbox()
    assert "그늘막 설치" in to_mina["text"]
    assert "보내신" in to_mina["text"]
    assert "Shade at stops" in to_jun["text"]
    assert "which you support" in to_jun["text"]


async def test_an_update_is_told_of_also_when_it_is_linked_later(city: City, office: Office) -> None:
    mina = city.citizen()
    receipt = await office.published(mina, WORDS)
    await city.publish(CODE, ko="그늘막 서른 곳을 설치했습니다", en="Thirty stops have shade")
    await city.work_until_idle()
    async with city.damso.db.transaction() as tx:
        (news,) = await commitments.latest(tx)
        await reviewing.link(tx, receipt, f"update:{news.id}", by=office.staff, at=city.clock())
    await city.work_until_idle()
    assert ["서른 곳" in message["text"] for message in await mina.inbox()] == [True]


async def test_an_answered_one_can_still_be_taken_back(city: City, office: Office) -> None:
    mina = city.citizen()
    receipt = await mina.suggest(WORDS)
    await office.decide(receipt, Status.ACCEPTED)
    assert f"withdraw_suggestion:{receipt}" in (await mina.press(f"suggestion_status:{receipt}")).choices
    await mina.press(f"withdraw_suggestion:{receipt}:confirm")
    assert await city.scalar("SELECT status FROM suggestions") == "withdrawn"
