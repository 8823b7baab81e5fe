"""What a password may be: long, not known from leaks, not one's e-mail; nothing else is asked of it."""

import unicodedata

import pytest

from tests.accounts.people import NEW_PASSWORD, browser, is_in
from tests.city import PASSWORD, City

CHANGE = {"act": "password", "present": PASSWORD}


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("아홉 글자입니다요", "at least 10 characters"),
        ("", "at least 10 characters"),
        (" " * 12, "at least 10 characters"),
        ("   비밀번호   ", "at least 10 characters"),
        ("a" * 129, "to 128 characters"),
        ("staff@example.org", "not your e-mail"),
        ("Staff@Example.org", "not your e-mail"),
        ("password123", "attackers try first"),
        ("PassWord123", "attackers try first"),
        ("1q2w3e4r5t", "attackers try first"),
        ("dkssudgktpdy", "attackers try first"),  # 안녕하세요 on a keyboard that is set to English
        ("correcthorsebatterystaple", "attackers try first"),
    ],
)
async def test_a_password_that_is_guessed_first_is_refused(city: City, password: str, said: str) -> None:
    staff = await city.staff()
    refused = await staff.http.post(
        "/staff/me?lang=en", data={"csrf": await staff.csrf(), **CHANGE, "password": password, "again": password}
    )
    assert refused.status_code == 422
    assert said in refused.text
    assert (await staff.sign_in()).status_code == 303, "the old one holds"


@pytest.mark.parametrize("password", ["a" * 10 + "\x7f", "  blanks at both ends  ", "🌧️🌧️🌧️🌧️🌧️🌧️", "가나다라마바사아자차카"])
async def test_any_characters_will_do(city: City, password: str) -> None:
    staff = await city.staff()
    assert (await staff.post("/staff/me", **CHANGE, password=password, again=password)).status_code == 303
    assert (await staff.sign_in(password)).status_code == 303
    assert (await staff.sign_in(password.strip() + "?")).status_code == 422


async def test_hangul_from_another_system_is_the_same_password(city: City) -> None:
    staff = await city.staff()
    await staff.post("/staff/me", **CHANGE, password=NEW_PASSWORD, again=NEW_PASSWORD)
    assert (await staff.sign_in(unicodedata.normalize("NFD", NEW_PASSWORD))).status_code == 303


async def test_changing_the_password_signs_out_everywhere_else(city: City) -> None:
    here = await city.staff()
    there = browser(city, here.email)
    await there.sign_in()
    done = await here.post("/staff/me", **CHANGE, password=NEW_PASSWORD, again=NEW_PASSWORD)
    assert done.headers["location"] == "/staff/me?saved=password"
    assert await is_in(here)
    assert not await is_in(there)
    assert (await there.sign_in()).status_code == 422


async def test_whoever_finds_an_open_console_does_not_change_the_password(city: City) -> None:
    staff = await city.staff()
    form = {"act": "password", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    tries = [(await staff.post("/staff/me", **form, present=f"guess {n} of ten")).status_code for n in range(11)]
    assert tries == [422] * 10 + [429]
    assert (await staff.sign_in()).status_code == 303


async def test_the_new_password_is_typed_twice(city: City) -> None:
    staff = await city.staff()
    refused = await staff.post("/staff/me", **CHANGE, password=NEW_PASSWORD, again="something else entirely")
    assert refused.status_code == 422
    assert 'id="again-error"' in refused.text
