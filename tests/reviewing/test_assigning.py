"""Who has a suggestion in hand: taken, given, given back, running out; and two who look at the same one."""

import asyncio

from flows import accounts, reviewing, suggesting
from flows.accounts import Role, Staff
from tests.city import City, StaffBrowser
from tests.reviewing.test_queue import BUSES, LAMPS, SHADE, TREES, change, shown

ANSWER = {"ko": "내년에 늘리겠습니다.", "en": "We will add more next year."}


async def colleague(city: City, email: str) -> Staff:
    async with city.damso.db.transaction() as tx:
        return await accounts.named(tx, email)


async def hold(staff: StaffBrowser, receipt: str, act: str, **form: str) -> int:
    return (await staff.post(f"/staff/suggestions/{receipt}/holder", act=act, **form)).status_code


async def take_next(staff: StaffBrowser) -> str:
    response = await staff.post("/staff/queue/next")
    assert response.status_code == 303
    return response.headers["location"].rpartition("/")[2]


async def held_by(city: City, receipt: str) -> str | None:
    found: str | None = await city.scalar(
        f"SELECT email FROM staff JOIN suggestions ON assignee_id = staff.id WHERE receipt = '{receipt}'"
    )
    return found


async def test_who_takes_one_has_it_and_everybody_sees_it(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    kim = await city.staff(Role.REVIEWER, "kim@example.org")
    lee = await city.staff(Role.REVIEWER, "lee@example.org")
    taken = await kim.post("/staff/queue/take", one=f"{receipt}:1", back="view=new")
    assert taken.headers["location"] == "/staff?view=new&saved=taken"
    assert await shown(kim, view="mine") == [receipt]
    assert "kim@example.org" in (await lee.get("/staff")).text
    refused = await lee.post("/staff/queue/take", one=f"{receipt}:2")
    assert refused.status_code == 409
    assert f"{receipt}" in refused.text
    assert await held_by(city, receipt) == "kim@example.org"
    assert await city.scalar("SELECT words FROM suggestion_events WHERE kind = 'assigned'") == "kim@example.org"
    assert await city.scalar("SELECT after->>'assignee' FROM audit WHERE action = 'suggestion.taken'")


async def test_who_comes_second_sees_on_the_page_itself_who_has_it(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    assert await hold(kim, receipt, "take", version="1") == 303
    refused = await lee.post(f"/staff/suggestions/{receipt}/holder?lang=en", act="take", version="1")
    assert refused.status_code == 409
    assert "has changed in the meantime" in refused.text
    assert "Assigned to kim@example.org" in refused.text
    back = await lee.get(f"/staff/suggestions/{receipt}/holder", lang="ko")
    assert back.headers["location"] == f"/staff/suggestions/{receipt}"


async def test_two_of_one_name_can_be_told_apart(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    editor = await city.staff()
    for email in ("kim@example.org", "kim2@example.org"):
        kim = await city.staff(Role.REVIEWER, email)
        await kim.post("/staff/me", act="name", name="김민지")
    for path in ("/staff", f"/staff/suggestions/{receipt}"):
        page = (await editor.get(path)).text
        assert "김민지 (kim@example.org)</option>" in page
        assert "김민지 (kim2@example.org)</option>" in page


async def test_a_claim_runs_out_by_itself(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    assert await hold(kim, receipt, "take") == 303
    city.clock.forward(hours=47)
    await lee.sign_in()
    assert await hold(lee, receipt, "take") == 409
    city.clock.forward(hours=1)
    await kim.sign_in()
    assert await shown(kim, view="mine") == []
    await lee.sign_in()
    assert await hold(lee, receipt, "take") == 303
    assert await held_by(city, receipt) == "lee@example.org"


async def test_taking_ones_own_again_holds_it_for_longer(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    kim = await city.staff()
    await hold(kim, receipt, "take")
    until = await city.scalar("SELECT assigned_until FROM suggestions")
    city.clock.forward(hours=1)
    await hold(kim, receipt, "take")
    assert await city.scalar("SELECT assigned_until FROM suggestions") > until
    assert await city.scalar("SELECT count(*) FROM suggestion_events WHERE kind = 'assigned'") == 1


async def test_the_next_one_is_the_most_urgent_that_nobody_has(city: City) -> None:
    mina = city.citizen()
    shade, trees, lamps, buses = [await mina.suggest(words) for words in (SHADE, TREES, LAMPS, BUSES)]
    await change(city, trees, "due_at = '2026-03-01'")
    await change(city, lamps, "due_at = '2026-03-01', status = 'author_asked'")
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    assert await take_next(kim) == trees
    assert await take_next(lee) == shade
    assert await take_next(kim) == buses, "what waits for its author is nobody's turn"
    nothing = await lee.post("/staff/queue/next", back="theme=energy")
    assert nothing.headers["location"] == "/staff?theme=energy&saved=nothing"


async def test_two_who_ask_at_one_moment_get_different_ones(city: City) -> None:
    mina = city.citizen()
    sent = {await mina.suggest(words) for words in (SHADE, TREES, LAMPS, BUSES)}
    staff = [await city.staff(email=f"{name}@example.org") for name in ("kim", "lee", "park", "choi")]
    assert set(await asyncio.gather(*(take_next(one) for one in staff))) == sent


async def test_an_editor_gives_suggestions_to_colleagues_and_a_reviewer_does_not(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    editor = await city.staff(Role.EDITOR, "editor@example.org")
    kim = await city.staff(Role.REVIEWER, "kim@example.org")
    them = str((await colleague(city, "kim@example.org")).id)
    other = str((await colleague(city, "editor@example.org")).id)
    assert await hold(kim, receipt, "assign", to=other) == 403
    assert await hold(editor, receipt, "assign", to=them) == 303
    assert await shown(kim, view="mine") == [receipt]
    assert await hold(editor, receipt, "assign", to=other) == 303, "also from one to another"
    assert await hold(kim, receipt, "release") == 403
    for nobody in ("", "oops", "99999"):
        assert await hold(editor, receipt, "assign", to=nobody) == 404
    assert await hold(editor, receipt, "dance") == 422
    assert await held_by(city, receipt) == "editor@example.org"


async def test_what_is_given_back_is_free_again(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    kim = await city.staff(Role.REVIEWER, "kim@example.org")
    editor = await city.staff(Role.EDITOR, "editor@example.org")
    assert await hold(kim, receipt, "release") == 409, "nobody has it"
    await hold(kim, receipt, "take")
    assert await hold(kim, receipt, "release") == 303
    assert await take_next(kim) == receipt
    assert await hold(editor, receipt, "release") == 303
    assert await held_by(city, receipt) is None


async def test_what_needs_nobody_any_more_is_not_taken(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    staff = await city.staff()
    await staff.decide(receipt, "accepted", **ANSWER)
    assert await hold(staff, receipt, "take") == 409
    assert await hold(staff, "GJ-7K3M-9PQ2", "take") == 404


async def test_who_leaves_hands_over_what_they_have(city: City) -> None:
    mina = city.citizen()
    sent = [await mina.suggest(words) for words in (SHADE, TREES, LAMPS)]
    kim = await city.staff(email="kim@example.org")
    lee = await city.staff(email="lee@example.org")
    for receipt in sent[:2]:
        await hold(kim, receipt, "take")
    gone, heir = await colleague(city, "kim@example.org"), await colleague(city, "lee@example.org")
    page = f"/staff/accounts/{gone.id}"
    assert "Who takes over the 2 suggestions assigned to them" in (await lee.get(page, lang="en")).text
    assert (await lee.post(page, act="leave", heir=str(heir.id))).status_code == 303
    assert [await held_by(city, receipt) for receipt in sent] == ["lee@example.org", "lee@example.org", None]
    async with city.damso.db.transaction() as tx:
        assert await reviewing.hand_over(tx, heir.id, None, by=heir, at=city.clock()) == 2
    assert await held_by(city, sent[0]) is None


async def test_a_contested_decision_goes_to_other_eyes(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    await kim.decide(receipt, "declined", **ANSWER)
    await change(city, receipt, "status = 'in_review', contested_at = '2026-03-02 11:00+09'")
    assert (await kim.post("/staff/queue/next")).headers["location"] == "/staff?saved=nothing"
    assert await hold(kim, receipt, "take") == 403
    assert await take_next(lee) == receipt


async def test_two_who_open_the_same_one_see_each_other(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    page = f"/staff/suggestions/{receipt}"
    assert "is looking at this too" not in (await kim.get(page, lang="en")).text
    assert "kim@example.org is looking at this too." in (await lee.get(page, lang="en")).text
    assert "lee@example.org is looking at this too." in (await kim.post(f"{page}/looking")).text
    city.clock.forward(seconds=50)
    assert "looking at this too" not in (await kim.post(f"{page}/looking")).text


async def test_who_comes_second_can_be_told_what_happened_since(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    kim = await city.staff(email="kim@example.org")
    async with city.damso.db.transaction() as tx:
        seen = (await suggesting.by_receipt(tx, receipt)).version
        assert await reviewing.what_changed(tx, await suggesting.by_receipt(tx, receipt), seen) == []
    await kim.decide(receipt, "in_review")
    await hold(kim, receipt, "take")
    async with city.damso.db.transaction() as tx:
        events = await reviewing.what_changed(tx, await suggesting.by_receipt(tx, receipt), seen)
    assert [event.kind for event in events] == ["moved", "assigned"]
