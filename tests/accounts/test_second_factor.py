"""A code from the phone after the password; recovery codes for a lost phone; a reset where both are gone."""

import re

import pytest

from flows.city import StaffRules
from flows.city import city as the_city
from tests.accounts.people import (
    NEW_PASSWORD,
    browser,
    is_in,
    link_in,
    number_of,
    second_step,
    set_password,
    with_factor,
)
from tests.city import PASSWORD, City


async def test_signing_in_takes_the_password_and_a_code(city: City) -> None:
    kim = await city.staff()
    phone, _ = await with_factor(city, kim)
    city.clock.forward(minutes=1)
    new = browser(city, kim.email)
    page = await new.sign_in()
    assert page.status_code == 200
    assert not await is_in(new), "the password alone opens the console"
    done = await second_step(new, page, phone.at(city.clock()))
    assert done.headers["location"] == "/staff"
    assert await is_in(new)


async def test_a_code_cannot_be_used_twice(city: City) -> None:
    kim = await city.staff()
    phone, _ = await with_factor(city, kim)
    confirmed = phone.at(city.clock())
    thief = browser(city, kim.email)
    page = await thief.sign_in()
    assert (await second_step(thief, page, confirmed)).status_code == 422, "the one that switched it on"
    city.clock.forward(minutes=1)
    code = phone.at(city.clock())
    assert (await second_step(kim, await kim.sign_in(), code)).status_code == 303
    assert (await second_step(thief, page, code)).status_code == 422
    assert not await is_in(thief)


@pytest.mark.parametrize(("seconds", "status"), [(-30, 303), (30, 303), (-90, 422), (90, 422)])
async def test_the_clock_of_a_phone_may_be_a_little_off(city: City, seconds: int, status: int) -> None:
    kim = await city.staff()
    phone, _ = await with_factor(city, kim)
    city.clock.forward(minutes=10)
    code = phone.at(int(city.clock().timestamp()) + seconds)
    assert (await second_step(kim, await kim.sign_in(), code)).status_code == status


async def test_each_recovery_code_works_once(city: City) -> None:
    kim = await city.staff()
    _, codes = await with_factor(city, kim)
    assert len({*codes}) == 10
    assert (await second_step(kim, await kim.sign_in(), codes[3].lower().replace("-", " "))).status_code == 303
    assert (await second_step(kim, await kim.sign_in(), codes[3])).status_code == 422
    assert (await second_step(kim, await kim.sign_in(), codes[4])).status_code == 303


async def test_no_secret_of_it_is_in_the_database(city: City) -> None:
    kim = await city.staff()
    phone, codes = await with_factor(city, kim)
    for secret in (phone.secret, codes[0], codes[0].replace("-", "")):
        for table in ("staff", "staff_recovery_codes", "staff_sessions", "audit"):
            assert await city.scalar(f"SELECT count(*) FROM {table} AS it WHERE it::text LIKE '%{secret}%'") == 0


@pytest.mark.parametrize("code", ["000000", "", "12345", "١٢٣٤٥٦", "가나다라마바", "0" * 5000])
async def test_a_code_that_does_not_fit_is_refused(city: City, code: str) -> None:
    kim = await city.staff()
    await with_factor(city, kim)
    new = browser(city, kim.email)
    assert (await second_step(new, await new.sign_in(), code)).status_code == 422
    assert not await is_in(new)


async def test_guessing_codes_is_slowed_down_and_does_not_lock_out_the_owner(city: City) -> None:
    kim = await city.staff()
    phone, _ = await with_factor(city, kim)
    thief = browser(city, kim.email, address="198.51.100.7")
    page = await thief.sign_in()
    tries = [(await second_step(thief, page, f"{n:06}")).status_code for n in range(6)]
    assert tries == [422] * 5 + [429]
    city.clock.forward(minutes=1)
    assert (await second_step(kim, await kim.sign_in(), phone.at(city.clock()))).status_code == 303


async def test_the_second_step_does_not_wait_for_ever(city: City) -> None:
    kim = await city.staff()
    phone, _ = await with_factor(city, kim)
    new = browser(city, kim.email)
    page = await new.sign_in()
    city.clock.forward(minutes=11)
    assert (await second_step(new, page, phone.at(city.clock()))).status_code == 409


async def test_a_ticket_is_worth_nothing_once_the_password_has_changed(city: City) -> None:
    kim = await city.staff()
    phone, _ = await with_factor(city, kim)
    thief = browser(city, kim.email)
    page = await thief.sign_in()
    await kim.post("/staff/me", act="password", present=PASSWORD, password=NEW_PASSWORD, again=NEW_PASSWORD)
    city.clock.forward(minutes=1)
    assert (await second_step(thief, page, phone.at(city.clock()))).status_code == 409


@pytest.mark.parametrize("ticket", ["", "made up", "가", "WzEsOTk5OTk5OTk5OSwiIl0.AAAA"])
async def test_a_made_up_ticket_opens_nothing(city: City, ticket: str) -> None:
    response = await city.http.post("/staff/sign-in/code", data={"ticket": ticket, "code": "123456"})
    assert response.status_code == 409


async def test_it_is_switched_on_only_with_a_code_and_the_password(city: City) -> None:
    kim = await city.staff()
    page = (await kim.get("/staff/me/second-factor")).text
    seed = re.search(r'name="seed" value="([^"]+)"', page)
    assert seed
    for form in ({"code": "000000", "present": PASSWORD}, {"code": "", "present": "not the password"}):
        assert (await kim.post("/staff/me/second-factor", seed=seed[1], **form)).status_code == 422
    assert (await kim.sign_in()).status_code == 303


async def test_it_is_switched_off_with_the_password(city: City) -> None:
    kim = await city.staff()
    await with_factor(city, kim)
    refused = await kim.post("/staff/me", act="factor_off", present="not the password")
    assert refused.status_code == 422
    assert 'id="present-off-error"' in refused.text
    assert (await kim.post("/staff/me", act="factor_off", present=PASSWORD)).status_code == 303
    assert (await kim.sign_in()).status_code == 303
    assert await city.scalar("SELECT count(*) FROM staff_recovery_codes") == 0


@pytest.mark.parametrize("without", [True, False], ids=["lost phone", "forgotten password"])
async def test_an_administrator_can_switch_it_off_with_the_link(city: City, without: bool) -> None:
    admin, kim = await city.staff(), await city.staff(email="kim@example.org")
    await with_factor(city, kim)
    form = {"act": "reset", **({"without_factor": "1"} if without else {})}
    page = await admin.post(f"/staff/accounts/{await number_of(city, kim.email)}", **form)
    await set_password(kim, link_in(page.text))
    asked = await kim.sign_in(NEW_PASSWORD)
    assert asked.status_code == (303 if without else 200)


async def test_a_city_may_require_it(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    kim = await city.staff()
    stricter = the_city().model_copy(update={"staff": StaffRules(second_factor="required")})
    monkeypatch.setattr("flows.accounts.second_factor.city", lambda: stricter)  # another city's content
    assert (await kim.get("/staff/accounts")).headers["location"] == "/staff/me/second-factor"
    token = re.search(r'name="csrf" value="([^"]+)"', (await kim.get("/staff/me")).text)
    assert token
    data = {"csrf": token[1], "email": "lee@example.org", "role": "admin"}
    assert (await kim.http.post("/staff/accounts", data=data)).status_code == 403
    kim.csrf = lambda: _same(token[1])  # type: ignore[method-assign]  # the first page is out of reach
    await with_factor(city, kim)
    assert (await kim.get("/staff/accounts")).status_code == 200
    assert (await kim.post("/staff/me", act="factor_off", present=PASSWORD)).status_code == 403


async def _same(token: str) -> str:
    return token
