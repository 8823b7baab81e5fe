"""Invitations and forgotten passwords: a link that an administrator hands over, good once and for three days."""

import pytest

from flows.accounts import Role
from tests.accounts.people import (
    NEW_PASSWORD,
    acts,
    browser,
    damso,
    is_in,
    link_in,
    number_of,
    set_password,
)
from tests.city import PASSWORD, City, StaffBrowser

KIM = "kim@example.org"


async def invited(admin: StaffBrowser, email: str = KIM, role: str = "editor") -> str:
    page = await admin.post("/staff/accounts", email=email, role=role, name="김하늘")
    assert page.status_code == 200, page.text
    assert page.headers["cache-control"] == "no-store"
    return link_in(page.text)


async def test_an_invited_colleague_chooses_a_password_and_signs_in(city: City) -> None:
    admin = await city.staff()
    link = await invited(admin)
    kim = browser(city, KIM)
    assert KIM in (await kim.get(link)).text
    assert (await set_password(kim, link)).headers["location"] == "/staff/sign-in?set=1"
    assert (await kim.sign_in(NEW_PASSWORD)).status_code == 303
    page = (await kim.get("/staff/me", lang="en")).text
    assert "김하늘" in page
    assert "Editor" in page
    assert await acts(city) == [f"staff.invited {KIM}", f"staff.password_set {KIM}"]


async def test_the_link_is_shown_once_and_kept_nowhere(city: City) -> None:
    admin = await city.staff()
    token = (await invited(admin)).rpartition("/")[2]
    assert token not in (await admin.get("/staff/accounts")).text
    for table in ("staff", "staff_links", "audit"):
        assert await city.scalar(f"SELECT count(*) FROM {table} AS it WHERE it::text LIKE '%{token}%'") == 0


async def test_a_link_works_once(city: City) -> None:
    link = await invited(await city.staff())
    kim = browser(city, KIM)
    await set_password(kim, link)
    again = await set_password(browser(city), link, "another password of theirs")
    assert again.status_code == 404
    assert (await kim.get(link)).status_code == 404
    assert (await kim.sign_in(NEW_PASSWORD)).status_code == 303


async def test_looking_at_a_link_and_a_refused_password_do_not_use_it_up(city: City) -> None:
    link = await invited(await city.staff())
    kim = browser(city, KIM)
    await kim.get(link)
    assert (await set_password(kim, link, "short")).status_code == 422
    assert (await kim.http.post(link, data={"password": NEW_PASSWORD, "again": "else"})).status_code == 422
    assert (await set_password(kim, link)).status_code == 303


async def test_a_link_is_over_after_three_days(city: City) -> None:
    link = await invited(await city.staff())
    city.clock.forward(hours=71, minutes=59)
    assert (await browser(city).get(link)).status_code == 200
    city.clock.forward(minutes=1)
    assert (await set_password(browser(city), link)).status_code == 404


async def test_a_newer_link_takes_the_place_of_the_one_before(city: City) -> None:
    admin = await city.staff()
    first = await invited(admin)
    page = await admin.post(f"/staff/accounts/{await number_of(city, KIM)}", act="reset")
    assert (await browser(city).get(first)).status_code == 404
    assert (await browser(city).get(link_in(page.text))).status_code == 200


async def test_a_reset_ends_the_password_and_every_session_at_once(city: City) -> None:
    admin = await city.staff()
    kim = await city.staff(Role.REVIEWER, KIM)
    page = await admin.post(f"/staff/accounts/{await number_of(city, KIM)}", act="reset")
    assert not await is_in(kim)
    assert (await kim.sign_in()).status_code == 422, "the old password still opens the door"
    await set_password(kim, link_in(page.text))
    assert (await kim.sign_in(NEW_PASSWORD)).status_code == 303


async def test_the_same_e_mail_is_not_invited_twice(city: City) -> None:
    admin = await city.staff()
    await invited(admin)
    assert (await admin.post("/staff/accounts", email=KIM.upper(), role="editor")).status_code == 409
    assert await city.scalar("SELECT count(*) FROM staff_links") == 1


@pytest.mark.parametrize(
    "form",
    [
        {"email": "kim"},
        {"email": ""},
        {"role": "mayor"},
        {"role": ""},
        {"name": "가" * 51},
        {"email": "a@" + "b" * 254},
    ],
    ids=str,
)
async def test_an_invitation_that_is_not_whole_makes_no_account(city: City, form: dict[str, str]) -> None:
    admin = await city.staff()
    refused = await admin.post("/staff/accounts", **{"email": KIM, "role": "editor", "name": "", **form})
    assert refused.status_code == 422
    assert await city.scalar("SELECT count(*) FROM staff") == 1


@pytest.mark.parametrize("token", ["x", "%00", "a" * 300, "가"])
async def test_a_made_up_link_opens_nothing(city: City, token: str) -> None:
    assert (await city.http.get(f"/staff/password/{token}")).status_code == 404
    assert (await city.http.post(f"/staff/password/{token}", data={"password": NEW_PASSWORD})).status_code in (404, 422)


async def test_the_command_line_invites_and_resets(city: City) -> None:
    code, said = await damso(city, "staff", "invite", KIM, "--role", "admin", "--name", "김하늘")
    assert code == 0, said
    assert said.startswith("https://damso.example/staff/password/")
    kim = browser(city, KIM)
    await set_password(kim, link_in(said))
    assert (await kim.sign_in(NEW_PASSWORD)).status_code == 303
    code, said = await damso(city, "staff", "reset", KIM)
    assert code == 0, said
    assert not await is_in(kim)
    assert (await set_password(kim, link_in(said), PASSWORD)).status_code == 303
    assert (await kim.sign_in(PASSWORD)).status_code == 303
    assert await city.scalar("SELECT count(*) FROM audit WHERE actor = 'command line' AND staff_id IS NULL") == 2


async def test_the_command_line_still_adds_with_a_password(city: City) -> None:
    code, said = await damso(city, "staff", "add", KIM, "--role", "editor")
    assert code == 0, said
    made = said.rpartition("password: ")[2].strip()
    assert (await browser(city, KIM).sign_in(made)).status_code == 303
    code, said = await damso(city, "staff", "add", "lee@example.org", "--password-stdin", given=f"{NEW_PASSWORD}\n")
    assert (code, said) == (0, "lee@example.org: reviewer\n")
    assert (await browser(city, "lee@example.org").sign_in(NEW_PASSWORD)).status_code == 303


@pytest.mark.parametrize(
    "words",
    [("invite", "kim"), ("reset", "nobody@example.org"), ("invite", "staff@example.org"), ("add", "kim")],
    ids=" ".join,
)
async def test_a_command_that_cannot_be_is_refused_in_a_sentence(city: City, words: tuple[str, ...]) -> None:
    await city.staff()
    code, said = await damso(city, "staff", *words)
    assert code == 1
    assert said.startswith("Error: ")
    assert await city.scalar("SELECT count(*) FROM staff") == 1
