"""Staff see which answers somebody must look at again, and read them as citizens do."""

import re
from datetime import timedelta
from html import unescape

from flows.accounts import Role
from flows.answering import read_topics
from tests.city import City, StaffBrowser

OGP = read_topics()["ogp"]
FIRST = min(topic.review_by for topic in read_topics().values())


async def lists(staff: StaffBrowser) -> tuple[str, str]:
    """What is due, and all answers."""
    page = (await staff.get("/staff/content", lang="en")).text
    due, everything = page.split("<h2>")[1:]
    return due, everything


async def test_all_answers_are_listed_with_their_dates_and_sources(city: City) -> None:
    haneul = await city.staff(Role.REVIEWER)
    due, everything = await lists(haneul)
    assert "No answer is due for a review." in due
    assert {*re.findall(r"/staff/content/(\w+)", everything)} == {*read_topics()}
    row = next(row for row in everything.split("<tr") if "/staff/content/ogp" in row)
    assert OGP.title.en in row
    assert str(OGP.review_by) in row
    assert OGP.as_of in row
    assert f">{len(OGP.cited)}<" in row
    assert "Not due yet" in row


async def test_answers_come_up_thirty_days_before_their_date_and_stay_when_it_is_over(city: City) -> None:
    haneul = await city.staff(Role.REVIEWER)
    city.clock.set(f"{FIRST - timedelta(days=31)} 23:00")
    await haneul.sign_in()
    assert "No answer is due for a review." in (await lists(haneul))[0]

    city.clock.set(f"{FIRST - timedelta(days=30)} 09:00")
    await haneul.sign_in()
    due, _ = await lists(haneul)
    soon = {name for name, topic in read_topics().items() if topic.review_by == FIRST}
    assert soon <= {*re.findall(r"/staff/content/(\w+)", due)}
    assert "Review due soon" in due
    assert "Review overdue" not in due

    city.clock.set(f"{FIRST + timedelta(days=1)} 09:00")
    await haneul.sign_in()
    due, everything = await lists(haneul)
    assert {*re.findall(r"/staff/content/(\w+)", due)[: len(soon)]} == soon, "the longest due come first"
    assert "Review overdue" in due
    assert "Review overdue" in everything


async def test_an_answer_is_read_in_both_languages_side_by_side(city: City) -> None:
    haneul = await city.staff(Role.REVIEWER)
    page = unescape((await haneul.get("/staff/content/ogp", lang="en")).text)
    for part in (OGP.answer, OGP.plain, OGP.more, OGP.when, OGP.who):
        assert part
        assert part.ko.strip() in page
        assert part.en.strip() in page
    assert all((source.url or "") in page for source in OGP.cited)
    assert "due to be checked" not in page

    city.clock.set(f"{OGP.review_by + timedelta(days=1)} 09:00")
    await haneul.sign_in()
    page = unescape((await haneul.get("/staff/content/ogp", lang="en")).text)
    assert "Review overdue" in page
    assert "This answer was due to be checked by" in page


async def test_an_answer_that_is_not_there(city: City) -> None:
    haneul = await city.staff(Role.REVIEWER)
    assert (await haneul.get("/staff/content/nowhere")).status_code == 404
