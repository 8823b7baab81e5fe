"""The page of a commitment: how far it is, in words, with all that belongs to it, for whoever comes by."""

import re
from datetime import date, timedelta
from html import unescape

import httpx
import pytest

from flows import commitments
from flows.accounts import Staff
from flows.city import Both
from flows.commitments import EvidenceKind, Means, MilestoneState, PlannedEvidence
from flows.store.keeping import TELEGRAM_LINK, keep
from tests.city import City
from tests.reviewing.desk import act

CODE, PLAN = "KRGNJ0001", "GWANGJU_2021"
STATES = {
    MilestoneState.COMPLETE: -60,
    MilestoneState.IN_PROGRESS: 30,
    MilestoneState.NOT_STARTED: 60,
    MilestoneState.DELAYED: 90,
    MilestoneState.CANCELLED: 120,
}


async def milestones(city: City, by: Staff | None = None) -> None:
    """One of each state, and one that is late without anybody having said so."""
    today = city.clock().date()
    async with city.damso.db.transaction() as tx:
        for state, days in [*STATES.items(), (None, -10)]:
            title = Both(ko=f"과제 {days}", en=f"Task {days}")
            due = today + timedelta(days)
            m = await commitments.add_milestone(tx, CODE, title, due, by=by, at=city.clock())
            if state in (MilestoneState.COMPLETE, MilestoneState.IN_PROGRESS):
                shown = PlannedEvidence(
                    kind=EvidenceKind.LINK,
                    date=today - timedelta(70),
                    title=Both(ko="회의록", en="Minutes"),
                    url="https://example.org/minutes",
                )
                await commitments.add_evidence(tx, CODE, m.number, shown, by=by, at=city.clock())
            if state:
                await commitments.move_milestone(tx, CODE, m.number, state, by=by, at=city.clock())


async def read(city: City, path: str, lang: str = "en") -> str:
    response = await city.http.get(httpx.URL(path).copy_merge_params({"lang": lang}))
    assert response.status_code == 200, response.text
    return unescape(re.sub(r"\s+", " ", response.text))


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            ("1 of 5 milestones completed (20%)", "Completed", "In progress", "Not started", "Delayed", "not counted"),
        ),
        ("ko", ("이행 과제 5개 중 1개 완료 (20%)", "완료", "진행 중", "시작 전", "지연", "세지 않았습니다")),
    ],
)
async def test_a_timeline_says_in_words_what_it_draws(city: City, lang: str, words: tuple[str, ...]) -> None:
    await milestones(city)
    page = await read(city, f"/commitments/{CODE}", lang)
    assert [word for word in words if word not in page] == []
    said = (await city.citizen(lang).press(f"commitment_status:{CODE}")).text
    assert "1 of 5 complete, cancelled ones not counted" in said or "5건 중 1건 완료(취소된 과제 제외)" in said
    drawn = re.findall(r'<svg class="shape shape--(\w+)" x="([\d.]+)%"', page)
    listed = re.findall(r'<span class="badge badge--\w+">([^<]+)</span> <span>', page)
    assert [commitments.MilestoneState(state) for state, _ in drawn] == [
        MilestoneState.COMPLETE,
        MilestoneState.DELAYED,
        MilestoneState.IN_PROGRESS,
        MilestoneState.NOT_STARTED,
        MilestoneState.DELAYED,
        MilestoneState.CANCELLED,
    ]
    assert len(listed) == len(drawn)
    assert "https://example.org/minutes" in page
    assert page.count('id="shape-complete"') == 1


async def test_nobody_is_left_to_think_that_an_old_plan_goes_on(city: City) -> None:
    city.clock.set("2026-03-02 10:00")
    listed, page = await read(city, "/commitments"), await read(city, f"/commitments/{CODE}")
    assert "This action plan ended in June 2022." in listed
    assert "it has not been confirmed as completed" in page
    assert "ended in June 2022" in page
    assert "No update since 31 May 2022." in page, "the day on which the period was over"
    assert "What the city says" in page and "What OGP's assessment says" in page
    assert "No assessment of how far it was carried out has been entered here." in page
    await city.publish(CODE, "원탁회의를 열었습니다.", "The round table was held.")
    await city.work_until_idle()
    assert "No update since" not in await read(city, f"/commitments/{CODE}")


async def test_what_changed_can_be_read_to_its_beginning_also_of_the_plan_itself(city: City) -> None:
    async with city.damso.db.transaction() as tx:
        whole = await commitments.export_plan(tx, PLAN)
        for number in range(60):
            title = Both(ko=f"실행계획 {number}", en=f"Plan {number}")
            summary = Both(ko=f"요약 {number}", en=f"Summary {number}")
            first, *others = whole.commitments
            changed = (first.model_copy(update={"summary": summary}), *others)
            again = whole.model_copy(update={"title": title, "commitments": changed})
            await commitments.import_plan(tx, again, by=None, means=Means.IMPORT, at=city.clock())
            city.clock.forward(minutes=1)
    for address, last in (
        ("/commitments", "The action plan was entered here."),
        (f"/commitments/{CODE}", "was entered"),
    ):
        pages, url = [], address
        while url:
            pages.append(await read(city, url))
            older = re.search(r'<a href="([^"#]+)#[\w-]+" rel="next">', pages[-1])
            url = older[1] if older else ""
        assert len(pages) == 3 and last in pages[-1] and last not in pages[0], address
    listed = (await city.http.get(f"/api/plans/{PLAN}/changes", params={"lang": "en"})).json()
    assert [one["field"] for one in listed["items"][:2]] == ["title.en", "title.ko"] and listed["next"]
    assert listed["items"][0]["after"] == "Plan 59"
    assert (await city.http.get("/api/plans/NOWHERE/changes")).status_code == 404


async def test_what_changed_is_told_in_plain_words_the_newest_first(city: City) -> None:
    await milestones(city)
    city.clock.forward(days=1)
    async with city.damso.db.transaction() as tx:
        await commitments.move_milestone(tx, CODE, 3, MilestoneState.IN_PROGRESS, by=None, at=city.clock())
    history = (await read(city, f"/commitments/{CODE}")).partition("What changed when")[2]
    told = [
        "Milestone 3 “Task 60”, State: In progress (before: Not started)",
        f"Milestone 6 was entered, due {date(2026, 2, 20):%-d %B %Y}: Task -10",
        "The commitment was entered here.",
    ]
    assert [history.find(line) for line in told] == sorted(history.find(line) for line in told)
    assert all(line in history for line in told), history
    assert "staff@example.org" not in history


async def test_suggestions_stand_beside_what_they_are_about_and_what_they_shaped(city: City) -> None:
    await milestones(city)
    staff = await city.staff()
    shaping, waiting = [await city.citizen().suggest(words) for words in ("그늘막을 늘려 주세요", "버스를 늘려 주세요")]
    await staff.decide(shaping, "accepted", ko="그렇게 하겠습니다.", en="We will.")
    number = await city.scalar("SELECT id FROM milestones WHERE number = 1")
    for name, link in (("commitment", CODE), ("link", f"milestone:{number}")):
        seen = str(await city.scalar(f"SELECT version FROM suggestions WHERE receipt = '{shaping}'"))
        await staff.post(f"/staff/suggestions/{shaping}", act=name, link=link, version=seen)
    page = await read(city, f"/commitments/{CODE}")
    assert f'Shaped by suggestions: <a href="/suggestions/{shaping}">' in page
    assert "그늘막을 늘려 주세요" in page
    assert waiting not in page


async def test_following_leads_to_the_right_commitment_in_each_channel(city: City) -> None:
    page = await read(city, f"/commitments/{CODE}")
    assert f'href="/?follow={CODE}"' in page
    assert "t.me" not in page and "QR code" not in page, "there is no Telegram bot to lead to"
    async with city.damso.db.transaction() as tx:
        await keep(tx, TELEGRAM_LINK, "https://t.me/damso_bot")
    page = await read(city, f"/commitments/{CODE}")
    assert f'href="https://t.me/damso_bot?start=follow-{CODE}"' in page
    assert "QR code of the link to Telegram" in page
    assert 'href="https://t.me/damso_bot?start=follow-all"' in await read(city, "/commitments")


async def test_how_to_take_part_is_what_the_chat_says_with_its_sources(city: City) -> None:
    page = await read(city, f"/commitments/{CODE}")
    part = page.partition("How to take part</h2>")[2].partition("<h2>")[0]
    assert "write a suggestion and confirm it" in part
    assert "as of 24 November 2026" in part


async def test_a_link_that_is_passed_on_is_introduced(city: City) -> None:
    for path in ("/", "/commitments", f"/commitments/{CODE}", "/updates", "/suggestions"):
        for lang in ("ko", "en"):
            page = await read(city, path, lang)
            said = dict(re.findall(r'<meta property="og:([a-z:_]+)" content="([^"]*)">', page))
            assert said["url"] == f"http://127.0.0.1:8000{path}?lang={lang}"
            assert said["locale"] == {"ko": "ko_KR", "en": "en_GB"}[lang]
            assert said["title"] in page.partition("</title>")[0]
            assert any("가" <= letter <= "힣" for letter in said["description"]) == (lang == "ko"), path


async def test_a_suggestion_that_is_not_public_is_introduced_by_its_state_alone(city: City) -> None:
    receipt = await city.citizen().suggest("그늘막을 늘려 주세요")
    page = await read(city, f"/suggestions/{receipt}")
    assert 'property="og:description" content="Received' in page
    assert "그늘막" not in page


async def test_a_theme_and_a_suggestion_are_followed_from_their_pages(city: City) -> None:
    staff, author = await city.staff(), city.citizen()
    await author.press("submit_suggestion:start")
    await author.say("학교 옥상에 태양광을 올려 주세요")
    await author.press("submit_suggestion:theme:energy")
    receipt = (await author.press("submit_suggestion:confirm")).choices[0].removeprefix("suggestion_status:")
    assert f"follow={receipt}" not in await read(city, f"/suggestions/{receipt}"), "nobody but staff has read it"
    assert f"subscribe:{receipt}" not in await read(city, f"/?follow={receipt}")
    await act(city, staff, receipt, "publish")
    async with city.damso.db.transaction() as tx:
        await keep(tx, TELEGRAM_LINK, "https://t.me/damso_bot")
    for page, subject in (
        (f"/suggestions/{receipt}", receipt),
        ("/suggestions?theme=energy", "theme-energy"),
        ("/commitments", "theme-energy"),
    ):
        shown = await read(city, page)
        assert f'href="/?follow={subject}"' in shown, page
        assert f'href="https://t.me/damso_bot?start=follow-{subject}"' in shown, page
        assert f'value="subscribe:{subject}:instant"' in await read(city, f"/?follow={subject.lower()}")
    assert "follow=theme" not in await read(city, "/suggestions")
    for lost in ("theme-moon", "energy", "GJ-0000-0000", "KRGNJ0009"):
        assert "subscribe:" not in await read(city, f"/?follow={lost}"), lost
