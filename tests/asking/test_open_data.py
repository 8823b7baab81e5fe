"""Open data and feeds: what is published, in both languages, and never personal data."""

import xml.etree.ElementTree as ET

import pytest
from icalendar import Calendar

from flows import commitments
from flows.city import Both
from tests.city import City

ATOM = "{http://www.w3.org/2005/Atom}"


async def test_commitments_show_their_true_state(city: City) -> None:
    items = (await city.http.get("/api/commitments", params={"lang": "en"})).json()["items"]
    assert [c["code"] for c in items] == ["KRGNJ0001", "KRGNJ0002"]
    assert items[0]["overdue"] is True
    assert items[0]["status"] == "unknown"
    assert items[0]["milestones"] == []
    one = (await city.http.get("/api/commitments/krgnj0002", params={"lang": "ko"})).json()
    assert "에너지" in one["title"]


async def test_a_list_goes_on_where_its_page_ended(city: City) -> None:
    for number in range(23):
        await city.publish("KRGNJ0001", f"소식 {number}", f"News {number}")
    await city.work_until_idle()
    seen, address = [], "/api/updates"
    while address:
        page = (await city.http.get(address)).json()
        seen += [u["id"] for u in page["items"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) == 23


@pytest.mark.parametrize(("lang", "word"), [("ko", "원탁회의"), ("en", "round table")])
async def test_the_feed_and_the_calendar_speak_both_languages(city: City, lang: str, word: str) -> None:
    await city.publish("KRGNJ0001", "원탁회의를 <열었습니다>.", "The round table was <held>.")
    await city.work_until_idle()
    async with city.damso.db.transaction() as tx:
        title = Both(ko="원탁회의, 시청", en="A round table, City Hall")
        await commitments.add_milestone(tx, "KRGNJ0001", title, city.clock().date(), by=None, at=city.clock())
    feed = ET.fromstring((await city.http.get("/feed.atom", params={"lang": lang})).text)
    assert word in (feed.findtext(f"{ATOM}entry/{ATOM}content") or "")
    dates = Calendar.from_ical((await city.http.get("/calendar.ics", params={"lang": lang})).text)
    assert [word in event["summary"] for event in dates.walk("VEVENT")] == [True]


async def test_a_suggestion_is_public_once_it_is_answered(city: City) -> None:
    receipt = await city.citizen().suggest("버스 정류장에 그늘막을 늘려 주세요")
    assert (await city.http.get("/api/suggestions")).json()["items"] == []
    staff = await city.staff()
    await staff.decide(receipt, "accepted", ko="내년에 늘리겠습니다.", en="We will add more next year.")
    (item,) = (await city.http.get("/api/suggestions", params={"lang": "en"})).json()["items"]
    assert item["answer"] == "We will add more next year."
    assert set(item) == {
        "receipt",
        "status",
        "status_text",
        "received",
        "changed",
        "hidden_because",
        "text",
        "language",
        "translation",
        "name",
        "commitment",
        "theme",
        "district",
        "supporters",
        "answer_promised_by",
        "answer",
        "published",
        "answered",
        "merged_into",
    }


async def test_the_api_describes_itself(city: City) -> None:
    paths = (await city.http.get("/openapi.json")).json()["paths"]
    assert {"/api/chat", "/api/chat/messages", "/api/commitments", "/api/updates", "/api/topics"} <= set(paths)
    assert not any(path.startswith("/staff") for path in paths)
