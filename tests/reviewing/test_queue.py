"""The queue of staff: what waits, in which order, how it is found again, and numbers that keep up."""

import re

from flows.accounts import Role
from tests.city import City, StaffBrowser

SHADE, TREES, LAMPS, BUSES = (
    "버스 정류장에 그늘막을 늘려 주세요",
    "강변에 나무를 더 심어 주세요",
    "골목길 가로등을 태양광으로 바꿔 주세요",
    "Please run more night buses to the station",
)


def receipts(page: str) -> list[str]:
    """In the order of the page."""
    return re.findall(r'class="console-receipt" href="/staff/suggestions/(GJ-\w{4}-\w{4})"', page)


def numbers(page: str) -> dict[str, int]:
    """How many are in each view, as the page says it."""
    return {name: int(count) for name, count in re.findall(r'<strong data-live="(\w+)">(\d+)<', page)}


async def shown(staff: StaffBrowser, **query: str) -> list[str]:
    response = await staff.get("/staff", **query)
    assert response.status_code == 200
    return receipts(response.text)


async def change(city: City, receipt: str, what: str) -> None:
    """Put a suggestion where only days or many people would bring it."""
    assert await city.scalar(f"UPDATE suggestions SET {what} WHERE receipt = '{receipt}' RETURNING id")


async def test_each_view_has_its_own_and_says_how_many(city: City) -> None:
    mina = city.citizen()
    shade, trees, lamps = [await mina.suggest(words) for words in (SHADE, TREES, LAMPS)]
    staff = await city.staff(Role.REVIEWER)
    await staff.decide(trees, "in_review")
    await staff.decide(lamps, "declined", ko="어렵습니다.", en="We cannot.")
    await change(city, trees, "due_at = '2026-03-01', supports = 10, contested_at = '2026-03-01'")
    await change(city, shade, "due_at = '2026-03-04', flags = '{abuse}'")
    expected = {
        "waiting": [trees, shade],
        "new": [shade],
        "mine": [],
        "due": [shade],
        "overdue": [trees],
        "raised": [trees],
        "contested": [trees],
        "flagged": [shade],
        "all": [lamps, trees, shade],
    }
    assert {view: await shown(staff, view=view) for view in expected} == expected
    page = (await staff.get("/staff")).text
    assert numbers(page) == {view: len(found) for view, found in expected.items()}
    assert receipts(page) == [trees, shade], "the queue opens on what waits"


async def test_the_most_urgent_stands_first(city: City) -> None:
    mina = city.citizen()
    sooner, promised, later, overdue = [await mina.suggest(words) for words in (SHADE, TREES, LAMPS, BUSES)]
    await change(city, later, "due_at = '2026-03-20'")
    await change(city, sooner, "due_at = '2026-03-10'")
    await change(city, promised, "due_at = '2026-03-25', promised_at = '2026-03-01'")
    await change(city, overdue, "due_at = '2026-02-27'")
    staff = await city.staff()
    assert await shown(staff) == [promised, overdue, sooner, later]
    assert await shown(staff, order="new") == [overdue, later, promised, sooner]
    await change(city, later, "supports = 3")
    assert (await shown(staff, order="support"))[0] == later


async def test_when_an_answer_is_due_is_said_in_working_days(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    staff = await city.staff()
    for now, due, said in (  # the 1st of March is a holiday, and in 2026 a Sunday: the 2nd is one in its place
        ("2026-03-02", "2026-03-06", "3 working days left"),
        ("2026-03-02", "2026-03-04", "1 working day left"),
        ("2026-03-03", "2026-03-04", "Due today"),
        ("2026-03-02", "2026-02-28", "Overdue since 27 February 2026"),
        ("2026-03-03", "2026-02-28", "Overdue by 1 working day<"),
        ("2026-03-03", "2026-02-26", "Overdue by 3 working days<"),
    ):
        await change(city, receipt, f"due_at = '{due} 00:00+09'")
        city.clock.set(f"{now} 10:00")
        await staff.sign_in()
        assert said in (await staff.get("/staff", lang="en")).text, (now, due)


async def test_filters_narrow_the_queue_and_words_search_everywhere(city: City) -> None:
    mina, tom = city.citizen(), city.citizen("en")
    shade, trees, buses = await mina.suggest(SHADE), await mina.suggest(TREES), await tom.suggest(BUSES)
    staff = await city.staff()
    await change(city, shade, "commitment = 'KRGNJ0001', district = 'bukgu'")
    await change(city, trees, "theme = 'nature'")
    await staff.post("/staff/queue/next")
    (held,) = await shown(staff, view="mine")
    assert await shown(staff, commitment="KRGNJ0001") == [shade]
    assert await shown(staff, theme="nature") == [trees]
    assert await shown(staff, district="bukgu") == [shade]
    assert await shown(staff, written_in="en") == [buses]
    assert await shown(staff, assignee=str(await city.scalar("SELECT id FROM staff"))) == [held]
    assert set(await shown(staff, assignee="none")) == {shade, trees, buses} - {held}
    await staff.decide(trees, "declined", seen="received", ko="어렵습니다.", en="We cannot.")
    assert await shown(staff, words="나무를") == [trees], "also what is no longer in the queue"
    assert await shown(staff, words=trees.lower()) == [trees]
    assert await shown(staff, view="waiting", words="나무를") == []


async def test_what_makes_no_sense_in_an_address_is_left_out(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    staff = await city.staff()
    for query in (
        {"view": "nowhere", "state": "burnt", "theme": "x", "order": "up", "assignee": "me", "after": "x"},
        {"after": "9" * 30, "assignee": "9" * 30, "done": "-1", "saved": "<b>"},
        {"after": "99999999"},
    ):
        page = await staff.http.get("/staff", params=query, follow_redirects=True)
        assert receipts(page.text) == [receipt], query
        assert "<b>" not in page.text


async def test_the_next_page_goes_on_where_the_first_ended(city: City) -> None:
    sent = []
    for _ in range(2):
        citizen = city.citizen()
        sent += [await citizen.suggest(f"정류장 {number}곳에 그늘막을 늘려 주세요") for number in range(12)]
    staff = await city.staff()
    first = (await staff.get("/staff")).text
    link = re.search(r'href="(/staff\?after=\d+)" rel="next"', first)
    assert link
    assert receipts(first) == sent[:20]
    second = await staff.http.get(link[1])
    assert receipts(second.text) == sent[20:]


async def test_a_saved_filter_is_ones_own_and_can_be_deleted(city: City) -> None:
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    back = "theme=energy&view=new&colour=red&state=burnt"
    assert (await kim.post("/staff/queue/filters", name="  내 에너지  제안 ", back=back)).status_code == 303
    page = (await kim.get("/staff")).text
    assert 'href="/staff?view=new&amp;theme=energy"' in page
    assert "내 에너지 제안" in page
    assert "내 에너지 제안" not in (await lee.get("/staff")).text
    number = await city.scalar("SELECT id FROM saved_filters")
    assert (await lee.post(f"/staff/queue/filters/{number}/delete")).status_code == 404
    assert (await kim.post(f"/staff/queue/filters/{number}/delete")).status_code == 303
    assert await city.scalar("SELECT count(*) FROM saved_filters") == 0


async def test_a_filter_needs_a_name_that_fits_and_replaces_its_namesake(city: City) -> None:
    kim = await city.staff()
    for bad in ("", "   ", "가" * 51):
        refused = await kim.post("/staff/queue/filters", name=bad, back="theme=energy")
        assert refused.status_code == 422
    for back in ("theme=energy", "theme=waste"):
        await kim.post("/staff/queue/filters", name="내 것", back=back)
    assert await city.scalar("SELECT query FROM saved_filters") == "theme=waste"
    for number in range(19):
        await kim.post("/staff/queue/filters", name=f"{number}", back="theme=waste")
    assert (await kim.post("/staff/queue/filters", name="one more", back="theme=waste")).status_code == 422
    assert await city.scalar("SELECT count(*) FROM saved_filters") == 20


async def test_an_open_page_learns_what_has_come_in(city: City) -> None:
    mina = city.citizen()
    await mina.suggest(SHADE)
    staff = await city.staff()
    page = (await staff.get("/staff", lang="en")).text
    newest = re.search(r'data-newest="(\d+)"', page)
    assert newest
    fresh = (await staff.get("/staff/queue/counts", newest=newest[1])).text
    assert "since you opened this page" not in fresh
    await mina.suggest(TREES)
    fresh = (await staff.get("/staff/queue/counts", newest=newest[1])).text
    assert "1 suggestion has come in since you opened this page" in fresh
    assert numbers(fresh)["new"] == 2
    assert (await staff.get("/staff/queue/counts", newest="oops")).status_code == 200


async def test_staff_read_on_every_page_how_many_wait_and_how_old_the_oldest_is(city: City) -> None:
    mina = city.citizen()
    staff = await city.staff()
    assert "No suggestion waits for the staff." in (await staff.get("/staff", lang="en")).text
    first = await mina.suggest(SHADE)
    city.clock.forward(days=3)
    await mina.suggest(TREES)
    await change(city, first, "due_at = '2026-03-03'")
    await staff.sign_in()
    page = (await staff.get("/staff")).text
    assert "2 suggestions wait for the staff. The oldest has waited for 3 days. 1 is overdue." in page
    assert ">(2) Suggestions" in page
    elsewhere = (await staff.get("/staff/content")).text
    assert '<span data-live="waiting">2</span>' in elsewhere
    assert '<span data-live="overdue">1</span>' in elsewhere


async def test_a_view_of_thousands_is_counted_up_to_a_thousand(city: City) -> None:
    staff = await city.staff()
    await city.citizen().suggest("정류장마다 그늘막을 세워 주세요")
    columns = "channel, lang, text, status, created_at, changed_at"
    await city.scalar(
        f"INSERT INTO suggestions (receipt, {columns}) SELECT 'GJ-' || n, {columns} FROM suggestions,"
        " generate_series(1, 1000) n RETURNING 1"
    )
    page = (await staff.get("/staff")).text
    assert '<strong data-live="new">1,000+</strong>' in page
    assert '<strong data-live="flagged">0</strong>' in page
