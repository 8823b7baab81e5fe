"""Guessing is slowed down, and nobody can use that to keep somebody else out."""

import pytest

from tests.accounts.people import browser
from tests.city import City

HERE, ELSEWHERE = "192.0.2.1", "198.51.100.7"


async def hammered(city: City, email: str, *, address: str, tries: int = 11) -> int:
    """The answer to the last of many wrong passwords from one browser."""
    attacker = browser(city, email, address=address)
    for _ in range(tries):
        status = (await attacker.sign_in("a wrong password")).status_code
    return status


@pytest.mark.parametrize("address", [HERE, ELSEWHERE], ids=["from the same network", "from elsewhere"])
async def test_who_hammers_an_e_mail_does_not_lock_out_its_owner(city: City, address: str) -> None:
    kim = await city.staff(email="kim@example.org")
    assert await hammered(city, kim.email, address=address, tries=31) == 429
    assert (await kim.sign_in()).status_code == 303, "the browser that the owner has used before"


async def test_strangers_share_one_count_for_an_e_mail(city: City) -> None:
    kim = await city.staff(email="kim@example.org")
    await hammered(city, kim.email, address=ELSEWHERE, tries=10)
    assert (await browser(city, kim.email, address="203.0.113.9").sign_in()).status_code == 429
    city.clock.forward(minutes=16)
    assert (await browser(city, kim.email, address="203.0.113.9").sign_in()).status_code == 303


async def test_a_browser_that_was_used_before_is_counted_too(city: City) -> None:
    kim = await city.staff(email="kim@example.org")
    guesses = [(await kim.sign_in("a wrong password")).status_code for _ in range(11)]
    assert guesses == [422] * 10 + [429]


async def test_ones_own_browser_is_a_stranger_to_the_accounts_of_others(city: City) -> None:
    """Or an insider would have as many tries as they have old cookies."""
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    await hammered(city, lee.email, address=ELSEWHERE, tries=10)
    kim.email = lee.email
    assert (await kim.sign_in("a wrong password")).status_code == 429


@pytest.mark.parametrize("cookie", ["", "made up", "WzEsImEiXQ.AAAA", "가"])
async def test_a_made_up_device_cookie_is_none(city: City, cookie: str) -> None:
    kim = await city.staff(email="kim@example.org")
    await hammered(city, kim.email, address=ELSEWHERE)
    stranger = browser(city, kim.email)
    headers = {"cookie": f"damso_device={cookie}".encode()}
    form = {"email": kim.email, "password": "a wrong password"}
    assert (await stranger.http.post("/staff/sign-in", data=form, headers=headers)).status_code == 429


async def test_one_address_does_not_try_all_accounts(city: City) -> None:
    statuses = {await hammered(city, f"nobody{n}@example.org", address=ELSEWHERE, tries=8) for n in range(4)}
    assert statuses == {422, 429}
    kim = await city.staff(email="kim@example.org")
    assert (await kim.sign_in()).status_code == 303


async def test_the_device_cookie_opens_nothing_by_itself(city: City) -> None:
    kim = await city.staff(email="kim@example.org")
    del kim.http.cookies["damso_staff"]
    assert "damso_device" in kim.http.cookies
    assert (await kim.get("/staff")).status_code == 303
