"""One's own account: where one is signed in, and how colleagues see one."""

import re

import pytest

from bot.pages.staff.browsers import kind_of
from flows.accounts import Role
from tests.accounts.people import browser, is_in
from tests.city import City, StaffBrowser

WHALE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
    "Whale/4.29.282.14 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 "
    "Mobile/15E148 Safari/604.1"
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
EDGE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36 Edg/130.0"


@pytest.mark.parametrize(
    ("user_agent", "kind"),
    [
        (WHALE, "Whale, Windows"),
        (IPHONE, "Safari, iPhone"),
        (FIREFOX, "Firefox, Linux"),
        (EDGE, "Edge, macOS"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_the_kind_of_a_browser_is_known(user_agent: str, kind: str) -> None:
    assert kind_of(user_agent) == kind


async def signed_in(city: City, email: str, user_agent: str) -> StaffBrowser:
    there = browser(city, email)
    there.http.headers["user-agent"] = user_agent
    await there.sign_in()
    return there


async def test_sessions_are_listed_and_one_is_ended(city: City) -> None:
    here = await city.staff()
    city.clock.forward(minutes=5)
    phone, desk = await signed_in(city, here.email, IPHONE), await signed_in(city, here.email, WHALE)
    city.clock.forward(minutes=10)
    await phone.get("/staff")
    page = (await here.get("/staff/me", lang="en")).text
    rows = re.findall(r'rowheader">(.+?)</th>.+?>(\d\d:\d\d|[\d-]+ \d\d:\d\d)<.+?>([\d-]+ \d\d:\d\d)<', page, re.DOTALL)
    assert ("Safari, iPhone", "2026-03-02 10:05", "2026-03-02 10:15") in rows
    assert ("Whale, Windows", "2026-03-02 10:05", "2026-03-02 10:05") in rows
    of_phone = re.search(r'Safari, iPhone.+?name="session" value="(\w+)"', page, re.DOTALL)
    assert of_phone
    await here.post("/staff/me", act="end", session=of_phone[1])
    assert (await is_in(phone), await is_in(desk), await is_in(here)) == (False, True, True)


async def test_all_others_are_ended_at_once(city: City) -> None:
    here = await city.staff()
    phone, desk = await signed_in(city, here.email, IPHONE), await signed_in(city, here.email, WHALE)
    await here.post("/staff/me", act="end_others")
    assert (await is_in(phone), await is_in(desk), await is_in(here)) == (False, False, True)


async def test_nobody_ends_the_session_of_somebody_else(city: City) -> None:
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    theirs = await city.scalar("SELECT token_hash FROM staff_sessions ORDER BY staff_id LIMIT 1")
    await lee.post("/staff/me", act="end", session=theirs)
    assert await is_in(kim)
    assert (await lee.post("/staff/me", act="end", session="가")).status_code == 303


async def test_what_the_list_shows_of_a_session_does_not_open_it(city: City) -> None:
    staff = await city.staff()
    id_ = await city.scalar("SELECT token_hash FROM staff_sessions")
    stranger = browser(city)
    stranger.http.cookies.set("damso_staff", id_)
    assert not await is_in(stranger)
    assert await is_in(staff)


async def test_a_name_is_what_colleagues_see(city: City) -> None:
    receipt = await city.citizen().suggest("버스 정류장에 그늘막을 늘려 주세요")
    kim = await city.staff(Role.REVIEWER, "kim@example.org")
    assert (await kim.post("/staff/me", act="name", name="  김  하늘 ")).status_code == 303
    await kim.decide(receipt, "in_review")
    lee = await city.staff(email="lee@example.org")
    assert "김 하늘" in (await lee.get("/staff/accounts")).text
    assert "김 하늘" in (await lee.get(f"/staff/suggestions/{receipt}")).text
    assert (await kim.post("/staff/me", act="name", name="가" * 51)).status_code == 422
    assert (await kim.post("/staff/me", act="name", name="")).status_code == 303
    assert "김 하늘" not in (await lee.get("/staff/accounts")).text


async def test_an_act_that_is_none_is_refused(city: City) -> None:
    staff = await city.staff()
    for act in ("", "fly"):
        assert (await staff.post("/staff/me", act=act)).status_code == 422
