"""Following a theme, or one suggestion: its news once, and from one side only."""

import pytest

from tests.city import Citizen, City
from tests.reviewing.desk import act

ENERGY, CITIZENS = "KRGNJ0002", "KRGNJ0001"
WORDS = "학교 옥상에 태양광을 올려 주세요"


async def texts(city: City, citizen: Citizen) -> list[str]:
    await city.work_until_idle()
    return [message["text"] for message in await citizen.inbox()]


async def suggested(city: City, author: Citizen) -> str:
    await author.press("submit_suggestion:start")
    await author.say(WORDS)
    await author.press("submit_suggestion:theme:energy")
    receipt = (await author.press("submit_suggestion:confirm")).choices[0].removeprefix("suggestion_status:")
    await act(city, await city.staff(), receipt, "publish")
    return receipt


async def decide(city: City, receipt: str) -> None:
    staff = await city.staff(email=f"{receipt}@example.org".lower())
    await staff.decide(receipt, "accepted", ko="올리겠습니다", en="We will")


async def test_a_theme_brings_news_of_its_commitments_and_answers_on_it(city: City) -> None:
    city.rasa.means("에너지 소식 알려줘", "subscribe", theme="energy")
    mina, jun = city.citizen(), city.citizen()
    assert "unsubscribe:theme-energy" in (await mina.say("에너지 소식 알려줘")).choices
    await jun.press("subscribe:theme-energy:weekly")
    await city.publish(ENERGY, "지도를 공개했습니다.", "The map is public.")
    await city.publish(CITIZENS, "원탁회의를 열었습니다.", "The round table was held.")
    receipt = await suggested(city, city.citizen())
    assert [("지도" in said, receipt in said) for said in await texts(city, mina)] == [(True, False)]
    await decide(city, receipt)
    answered = (await texts(city, mina))[-1]
    assert "올리겠습니다" in answered
    assert (await mina.inbox())[-1]["choices"][-1]["value"] == "unsubscribe:theme-energy"
    city.clock.set("2026-03-09 09:00")
    (digest,) = await texts(city, jun)
    assert "지도를 공개했습니다." in digest
    assert receipt in digest


async def test_one_suggestion_is_followed_until_one_tap_stops_it(city: City) -> None:
    author, fan, mina = city.citizen(), city.citizen(), city.citizen("en")
    receipt = await suggested(city, author)
    city.rasa.means(f"follow {receipt}", "suggestion_status", receipt=receipt)
    assert f"subscribe:{receipt}:instant" in (await mina.press(f"suggestion_status:{receipt}")).choices
    assert f"unsubscribe:{receipt}" in (await mina.say(f"follow {receipt}")).choices
    city.rasa.means("교통 분야 팔로우", "nlu_fallback", theme="transport")
    assert "unsubscribe:theme-transport" in (await fan.say("교통 분야 팔로우")).choices
    for told_anyway in (author, fan):
        await told_anyway.press("subscribe:theme-energy:instant")
    await fan.press(f"support:{receipt}")
    await fan.press(f"subscribe:{receipt}:instant")
    await decide(city, receipt)
    assert f"The suggestion {receipt}: Accepted" in (await texts(city, mina))[0]
    assert [len(await texts(city, who)) for who in (author, fan, mina)] == [1, 1, 1], "nobody is told twice"
    (support_stop,) = [c["value"] for c in (await fan.inbox())[0]["choices"] if c["value"].endswith(":undo")]
    assert support_stop == f"support:{receipt}:undo"
    stop = (await mina.inbox())[0]["choices"][-1]["value"]
    await mina.press(stop)
    staff = await city.staff(email="second@example.org")
    await staff.decide(receipt, "done", seen="accepted", ko="올렸습니다", en="Done")
    assert len(await texts(city, mina)) == 1


async def test_whoever_follows_a_merged_suggestion_follows_the_one_that_goes_on(city: City) -> None:
    mina, staff = city.citizen("en"), await city.staff(email="merger@example.org")
    merged = await suggested(city, city.citizen())
    other = await city.citizen().suggest("도서관을 밤 열 시까지 열어 주세요")
    await mina.press(f"subscribe:{merged}:instant")
    await act(city, staff, merged, "merge", target=other)
    assert "Merged" in (await texts(city, mina))[0]
    assert other in (await mina.press("subscription_settings")).text
    await act(city, staff, other, "publish")
    await staff.decide(other, "accepted", ko="열겠습니다", en="We will")
    assert f"The suggestion {other}: Accepted" in (await texts(city, mina))[-1]


async def test_what_cannot_be_followed_says_why(city: City) -> None:
    author, mina = city.citizen("en"), city.citizen("en")
    receipt = await author.suggest("Please put up more shade")
    assert "your own suggestion" in (await author.press(f"subscribe:{receipt}:instant")).text
    assert "no public suggestion" in (await mina.press(f"subscribe:{receipt}:instant")).text
    for value in ("subscribe:GJ-7777-7777:instant", "subscribe:theme-space:weekly", "subscribe:themes:daily"):
        refused = await city.http.post("/api/chat", json={"session": mina.session, "choice": value})
        assert refused.status_code == 422, value
    city.rasa.means("no more news of GJ-7777-7777", "unsubscribe", receipt="GJ-7777-7777")
    assert "You are not following this" in (await mina.say("no more news of GJ-7777-7777")).text
    assert await city.scalar("SELECT count(*) FROM follows") == 0


@pytest.mark.parametrize("link", ["theme-energy", "THEME-ENERGY"])
async def test_a_link_can_lead_to_a_theme(city: City, link: str) -> None:
    assert "unsubscribe:theme-energy" in (await city.citizen().say(f"/start follow-{link}")).choices


async def test_the_nearest_follow_decides_how_often(city: City) -> None:
    mina = city.citizen()
    await mina.press("subscribe:all:instant")
    await mina.press("subscribe:theme-energy:weekly")
    await city.publish(ENERGY, "지도를 공개했습니다.", "The map is public.")
    await city.publish(CITIZENS, "원탁회의를 열었습니다.", "The round table was held.")
    assert ["원탁회의" in said for said in await texts(city, mina)] == [True]
    page = (await (await city.staff()).get(f"/staff/commitments/{ENERGY}", lang="en")).text
    assert "As it happens <strong>0</strong> · Once a week <strong>1</strong>" in page
