"""Who may do what, who changes it, and colleagues who leave."""

import asyncio
from pathlib import Path

import pytest

from flows import accounts
from flows.accounts import MAY, Role
from flows.errors import Conflict
from tests.accounts.people import acts, browser, damso, is_in, link_in, number_of, set_password
from tests.city import City, StaffBrowser

KIM = "kim@example.org"
STAFF_MD = Path(__file__).parents[2] / "docs" / "staff.md"


async def change(admin: StaffBrowser, city: City, email: str, **form: str) -> int:
    return (await admin.post(f"/staff/accounts/{await number_of(city, email)}", **form)).status_code


async def test_an_administrator_changes_a_role_and_it_holds_at_once(city: City) -> None:
    admin, kim = await city.staff(), await city.staff(Role.REVIEWER, KIM)
    refused = await kim.get("/staff/updates", lang="en")
    assert refused.status_code == 403
    assert '<a href="/staff">Back to the console</a>' in refused.text
    assert await change(admin, city, KIM, act="role", role="editor", seen="reviewer") == 303
    assert (await kim.get("/staff/updates")).status_code == 200
    changed = await city.scalar("SELECT before ->> 'role' || ' ' || (after ->> 'role') FROM audit")
    assert changed == "reviewer editor"


async def test_the_second_of_two_administrators_sees_that_somebody_was_first(city: City) -> None:
    admin, _ = await city.staff(), await city.staff(Role.REVIEWER, KIM)
    await change(admin, city, KIM, act="role", role="editor", seen="reviewer")
    assert await change(admin, city, KIM, act="role", role="admin", seen="reviewer") == 409
    assert await city.scalar(f"SELECT role FROM staff WHERE email = '{KIM}'") == "editor"


@pytest.mark.parametrize("form", [{"act": "leave"}, {"act": "role", "role": "editor", "seen": "admin"}], ids=str)
async def test_the_last_administrator_stays_one(city: City, form: dict[str, str]) -> None:
    admin = await city.staff()
    await admin.post("/staff/accounts", email=KIM, role="admin")  # invited, and cannot sign in yet
    assert await change(admin, city, admin.email, **form) == 409
    assert (await admin.get("/staff/accounts")).status_code == 200
    await city.staff(email="lee@example.org")
    assert await change(admin, city, admin.email, **form) == 303
    assert (await admin.get("/staff/accounts")).status_code in (303, 403)


async def test_two_administrators_do_not_leave_at_the_same_moment(city: City) -> None:
    for email in ("one@example.org", "two@example.org"):
        await city.staff(email=email)
    db = city.damso.db

    async def second_leaves() -> None:
        async with db.transaction() as tx:
            await accounts.leave(tx, two.id, by=two, at=city.clock())

    async with db.transaction() as tx:
        one, two = await accounts.named(tx, "one@example.org"), await accounts.named(tx, "two@example.org")
        await accounts.leave(tx, one.id, by=one, at=city.clock())
        second = asyncio.create_task(second_leaves())
        await asyncio.wait({second}, timeout=0.5)  # it may get as far as it can before the first has committed
    with pytest.raises(Conflict, match="only administrator"):
        await second


async def test_who_has_left_is_out_and_stays_in_the_history(city: City) -> None:
    admin, kim = await city.staff(), await city.staff(Role.EDITOR, KIM)
    await kim.post("/staff/commitments/KRGNJ0001/status", status="limited")
    assert await change(admin, city, KIM, act="leave") == 303
    assert not await is_in(kim)
    assert (await kim.sign_in()).status_code == 422
    assert KIM in (await admin.get("/staff/audit")).text
    assert await change(admin, city, KIM, act="reset") == 404
    code, _ = await damso(city, "staff", "reset", KIM)
    assert code == 1


async def test_a_link_of_somebody_who_has_left_is_over(city: City) -> None:
    admin = await city.staff()
    link = link_in((await admin.post("/staff/accounts", email=KIM, role="editor")).text)
    await change(admin, city, KIM, act="leave")
    assert (await set_password(browser(city), link)).status_code == 404


async def test_somebody_who_comes_back_is_invited_again(city: City) -> None:
    admin, kim = await city.staff(), await city.staff(Role.EDITOR, KIM)
    await change(admin, city, KIM, act="leave")
    page = await admin.post("/staff/accounts", email=KIM, role="reviewer")
    await set_password(kim, link_in(page.text), "어느 봄날의 긴 산책")
    assert (await kim.sign_in("어느 봄날의 긴 산책")).status_code == 303
    assert await city.scalar("SELECT count(*) FROM staff") == 2
    assert await acts(city) == [
        f"staff.left {KIM}",
        f"staff.invited {KIM}",
        f"staff.password_set {KIM}",
    ]


@pytest.mark.parametrize("number", ["0", "999999", "x", "9" * 40])
async def test_an_account_that_is_none_is_not_found(city: City, number: str) -> None:
    admin = await city.staff()
    assert (await admin.get(f"/staff/accounts/{number}")).status_code == 404
    assert (await admin.post(f"/staff/accounts/{number}", act="leave")).status_code == 404


@pytest.mark.parametrize(
    "form", [{"act": ""}, {"act": "role", "role": "mayor", "seen": "admin"}, {"act": "role"}], ids=str
)
async def test_a_change_that_makes_no_sense_changes_nothing(city: City, form: dict[str, str]) -> None:
    admin, _ = await city.staff(), await city.staff(Role.EDITOR, KIM)
    assert await change(admin, city, KIM, **form) == 422
    assert await acts(city) == []


async def test_the_table_of_roles_is_shown_and_in_the_handbook(city: City) -> None:
    page = (await (await city.staff()).get("/staff/accounts", lang="en")).text
    handbook = STAFF_MD.read_text("utf-8")
    for act, least in MAY.items():
        assert act in page
        marks = " | ".join("yes" if role.covers(least) else "–" for role in Role)
        assert f"| {act} | {marks} |" in handbook, f"docs/staff.md, the table of roles, has no row for: {act}"
