"""What leaves the page: a card for other sites, a picture for links, feeds and calendars for programs."""

import re
import xml.etree.ElementTree as ET
from base64 import b64encode
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

from icalendar import Calendar
from PIL import Image

from flows import commitments
from flows.city import Both
from flows.commitments import MilestoneState, OgpLevel, PlannedLevel, PlannedSource
from tests.city import City
from tests.tracking.test_the_tracker import CODE, milestones

ATOM = "{http://www.w3.org/2005/Atom}"
OTHER = "KRGNJ0002"
CONDITIONAL = (
    "/feed.atom",
    "/calendar.ics",
    f"/commitments/{CODE}/feed.atom",
    f"/commitments/{CODE}/calendar.ics",
    f"/commitments/{CODE}/card",
    f"/commitments/{CODE}/picture.png",
)


async def test_only_the_card_may_stand_in_the_frame_of_another_site(city: City) -> None:
    await milestones(city)
    card = await city.http.get(f"/commitments/{CODE}/card", params={"lang": "en"})
    policy = card.headers["content-security-policy"]
    assert "frame-ancestors *" in policy and "default-src 'none'" in policy
    assert "set-cookie" not in card.headers
    assert "<script" not in card.text and " style=" not in card.text
    (style,) = re.findall(r"<style>(.*?)</style>", card.text, re.DOTALL)
    assert b64encode(sha256(style.encode()).digest()).decode() in policy, "or the browser would drop the style"
    assert "1 of 5 milestones completed (20%)" in card.text
    for path in ("/", "/commitments", f"/commitments/{CODE}", "/updates", "/staff/sign-in", "/commitments/NO/card"):
        response = await city.http.get(path)
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"], path


async def test_the_page_offers_the_card_in_both_languages(city: City) -> None:
    page = (await city.http.get(f"/commitments/{CODE}", params={"lang": "en"})).text
    for lang in ("ko", "en"):
        assert f"&lt;iframe src=&#34;http://127.0.0.1:8000/commitments/{CODE}/card?lang={lang}&#34;" in page
    assert "Citizens&amp;#x27; climate policy" in page, "a title is text within the snippet, too"


async def test_the_picture_is_drawn_in_both_languages_and_anew_when_something_moves(city: City) -> None:
    await milestones(city)
    path = f"/commitments/{CODE}/picture.png"
    ko, en = [await city.http.get(path, params={"lang": lang}) for lang in ("ko", "en")]
    picture = Image.open(BytesIO(ko.content))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    assert ko.content != en.content
    async with city.damso.db.transaction() as tx:
        await commitments.move_milestone(tx, CODE, 3, MilestoneState.CANCELLED, by=None, at=city.clock())
    again = await city.http.get(path, params={"lang": "ko"}, headers={"If-None-Match": ko.headers["etag"]})
    assert again.status_code == 200
    page = (await city.http.get(f"/commitments/{CODE}", params={"lang": "en"})).text
    assert f'<meta property="og:image" content="http://127.0.0.1:8000{path}?lang=en">' in page
    assert 'property="og:image:alt" content="How far it is: Citizens&#39; climate policy"' in page


async def test_whose_word_a_state_is_stands_beside_it_wherever_it_goes(city: City) -> None:
    """OGP and the city use the same words, and need not agree."""
    shown = [f"/commitments/{CODE}/card", "/commitments"]
    picture = (await city.http.get(f"/commitments/{CODE}/picture.png")).content
    source = PlannedSource(title="Report", as_of="2022-12")
    async with city.damso.db.transaction() as tx:
        level = PlannedLevel(level=OgpLevel.LIMITED, source=source)
        await commitments.set_level(tx, CODE, level, by=None, at=city.clock())
    for path in shown:
        for lang, city_says, ogp_says in (
            ("ko", "시 발표: 결과 미확인", "OGP 평가: 시작, 일부 진행"),
            ("en", "The city says: Result not confirmed", "OGP&#39;s assessment: Started, limited progress"),
        ):
            page = (await city.http.get(path, params={"lang": lang})).text
            assert city_says in page and ogp_says in page, (path, lang)
    assert (await city.http.get(f"/commitments/{CODE}/picture.png")).content != picture


async def test_what_has_not_changed_is_not_sent_again(city: City) -> None:
    await milestones(city)
    await city.publish(CODE, "원탁회의를 열었습니다.", "The round table was held.")
    await city.work_until_idle()
    first = {path: await city.http.get(path, params={"lang": "en"}) for path in CONDITIONAL}
    city.clock.forward(hours=1)
    for path, response in first.items():
        tag = response.headers["etag"]
        for known in ({"If-None-Match": f'"other", W/{tag}'}, {"If-None-Match": "*"}):
            again = await city.http.get(path, params={"lang": "en"}, headers=known)
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), (path, known)
        other = await city.http.get(path, params={"lang": "ko"}, headers={"If-None-Match": tag})
        assert other.status_code == 200, f"{path}: another language is something else"


async def test_a_program_that_knows_the_date_alone_hears_of_what_is_newer(city: City) -> None:
    await milestones(city)
    await city.publish(CODE, "하나", "One")
    await city.work_until_idle()
    dated = {}
    for path in CONDITIONAL[:4]:
        dated[path] = {"If-Modified-Since": (await city.http.get(path)).headers["last-modified"]}
        assert (await city.http.get(path, headers=dated[path])).status_code == 304, path
    for odd in ("yesterday", "Mon, 02 Mar 2026 10:00:00", "Mon, 99 Mar 2026 10:00:00 GMT"):
        assert (await city.http.get("/feed.atom", headers={"If-Modified-Since": odd})).status_code == 200, odd
    city.clock.forward(minutes=1)
    await city.publish(CODE, "둘", "Two")
    await city.work_until_idle()
    async with city.damso.db.transaction() as tx:
        await commitments.move_milestone(tx, CODE, 3, MilestoneState.CANCELLED, by=None, at=city.clock())
    for path, known in dated.items():
        assert (await city.http.get(path, headers=known)).status_code == 200, path


async def test_the_feed_of_a_commitment_has_its_own_news_under_the_ids_of_the_whole_feed(city: City) -> None:
    await city.publish(CODE, "하나 <b>&", "One <b>&\x0b")
    await city.publish(OTHER, "둘", "Two")
    await city.work_until_idle()
    whole, own = [
        ET.fromstring((await city.http.get(path, params={"lang": "en"})).content)
        for path in ("/feed.atom", f"/commitments/{CODE}/feed.atom")
    ]
    assert [entry.findtext(f"{ATOM}content") for entry in own.iter(f"{ATOM}entry")] == ["One <b>&"]
    ids = [entry.findtext(f"{ATOM}id") for entry in whole.iter(f"{ATOM}entry")]
    assert len({*ids}) == 2 and own.findtext(f"{ATOM}entry/{ATOM}id") in ids
    assert own.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    assert own.findtext(f"{ATOM}id") != whole.findtext(f"{ATOM}id")
    links = {link.get("rel"): link.get("href") for link in own.findall(f"{ATOM}link")}
    assert links["self"].endswith(f"/commitments/{CODE}/feed.atom?lang=en")
    entry = own.find(f"{ATOM}entry/{ATOM}link[@rel='alternate']")
    assert entry is not None
    there = await city.http.get(entry.get("href", "").removeprefix("http://127.0.0.1:8000"))
    assert "One &lt;b&gt;&amp;" in there.text
    page = (await city.http.get(f"/commitments/{CODE}")).text
    assert re.search(r'<link rel="alternate" type="application/atom\+xml"[^>]+/feed.atom', page)
    assert re.search(r'<link rel="alternate" type="text/calendar"[^>]+/calendar.ics', page)


async def test_the_feed_says_what_was_corrected_to_those_who_have_read_it(city: City) -> None:
    await city.publish(CODE, "백 명이 왔습니다.", "A hundred people came.")
    await city.work_until_idle()
    first = {lang: await city.http.get("/feed.atom", params={"lang": lang}) for lang in ("ko", "en")}
    city.clock.forward(hours=1)
    await city.correct(await city.scalar("SELECT id FROM updates"), "열 명이 왔습니다.", "Ten people came.")
    await city.work_until_idle()
    for lang, right, wrong, note in (
        ("ko", "정정: ", "정정됨(더 이상 맞지 않음): ", "2026년 3월 2일에 정정"),
        ("en", "Correction: ", "Corrected, no longer holds: ", "Corrected on 2 March 2026: this no longer holds."),
    ):
        known = {"If-None-Match": first[lang].headers["etag"]}
        feed = ET.fromstring((await city.http.get("/feed.atom", params={"lang": lang}, headers=known)).content)
        new, old = feed.iter(f"{ATOM}entry")
        before = ET.fromstring(first[lang].content).find(f"{ATOM}entry")
        assert before is not None and before.findtext(f"{ATOM}id") == old.findtext(f"{ATOM}id")
        assert [e.findtext(f"{ATOM}title", "")[: len(mark)] for e, mark in ((new, right), (old, wrong))] == [
            right,
            wrong,
        ]
        assert before.findtext(f"{ATOM}updated") == old.findtext(f"{ATOM}published")
        assert old.findtext(f"{ATOM}updated") == new.findtext(f"{ATOM}updated") == feed.findtext(f"{ATOM}updated")
        assert note in old.findtext(f"{ATOM}content", "") and f"/updates/{CODE}/2" in old.findtext(f"{ATOM}content", "")


async def test_a_feed_without_news_does_not_pretend_to_be_new(city: City) -> None:
    path = f"/commitments/{CODE}/feed.atom"
    first = (await city.http.get(path)).text
    city.clock.forward(days=3)
    assert (await city.http.get(path)).text == first


async def test_the_calendar_of_a_commitment_keeps_its_uids_and_says_what_was_revised(city: City) -> None:
    await milestones(city)
    long = Both(ko="길게 " * 60 + "끝", en="long " * 35 + "end")
    async with city.damso.db.transaction() as tx:
        await commitments.add_milestone(tx, OTHER, long, city.clock().date(), by=None, at=city.clock())
    path = f"/commitments/{CODE}/calendar.ics"
    before = (await city.http.get(path, params={"lang": "en"})).content
    city.clock.forward(days=2)
    assert (await city.http.get(path, params={"lang": "en"})).content == before, "nothing was revised"
    async with city.damso.db.transaction() as tx:
        at = city.clock()
        await commitments.change_milestone(
            tx, CODE, 3, Both(ko="새 이름", en="A new name"), at.date() + timedelta(9), by=None, at=at
        )
    after = (await city.http.get(path, params={"lang": "en"})).content
    old, new = [{e["uid"]: e for e in Calendar.from_ical(ics).walk("VEVENT")} for ics in (before, after)]
    assert {*old} == {*new} and len(new) == 6
    moved = [uid for uid in new if new[uid]["dtstamp"].dt != old[uid]["dtstamp"].dt]
    assert [str(new[uid]["summary"]) for uid in moved] == ["A new name · Citizens' climate policy"]
    assert {str(e["status"]) for e in new.values()} == {"CONFIRMED", "CANCELLED"}
    assert {str(e["description"]) for e in new.values() if "Task -10" in e["summary"]} == {"Delayed"}, "as on the page"
    whole = (await city.http.get("/calendar.ics", params={"lang": "ko"})).content
    assert max(len(line) for line in whole.split(b"\r\n")) <= 75
    assert len({str(e["uid"]) for e in Calendar.from_ical(whole).walk("VEVENT")}) == 7


async def test_the_calendar_calls_late_what_the_page_calls_late(city: City) -> None:
    await milestones(city)
    path = f"/commitments/{CODE}/calendar.ics"
    city.clock.set("2026-04-01 09:00")  # the last day of the one in progress
    before = await city.http.get(path, params={"lang": "en"})
    city.clock.set("2026-04-02 09:00")
    known = {"If-Modified-Since": before.headers["last-modified"]}
    after = await city.http.get(path, params={"lang": "en"}, headers=known)
    said = [
        {str(e["summary"])[:8]: str(e["description"]) for e in Calendar.from_ical(ics.content).walk("VEVENT")}
        for ics in (before, after)
    ]
    assert [said[0]["Task 30 "], said[1]["Task 30 "]] == ["In progress", "Delayed"]
    assert said[0]["Task -10"] == "Delayed"


async def test_a_commitment_that_does_not_exist_is_a_404(city: City) -> None:
    for part in ("", "/card", "/picture.png", "/feed.atom", "/calendar.ics"):
        for code in ("KRGNJ9999", "%00", "..%2F..", "가" * 300):
            assert (await city.http.get(f"/commitments/{code}{part}")).status_code == 404, f"{code}{part}"
