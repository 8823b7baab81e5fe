"""One act on many suggestions: told first how many, then done at once, and nothing overwritten."""

import httpx
import pytest

from flows.accounts import Role
from tests.city import City, StaffBrowser
from tests.reviewing.test_assigning import ANSWER, held_by
from tests.reviewing.test_queue import LAMPS, SHADE, TREES, change


async def bulk(staff: StaffBrowser, act: str, *receipts: str, sure: bool = False, version: int = 1) -> httpx.Response:
    chosen = [f"{receipt}:{version}" for receipt in receipts]
    form = {"csrf": await staff.csrf(), "act": act, "chosen": chosen, "back": "view=new"}
    return await staff.http.post("/staff/queue/bulk?lang=en", data=form | ({"step": "do"} if sure else {}))


async def suggested(city: City) -> list[str]:
    mina = city.citizen()
    return [await mina.suggest(words) for words in (SHADE, TREES, LAMPS)]


async def test_it_says_how_many_and_which_cannot_before_anything_happens(city: City) -> None:
    shade, trees, lamps = await suggested(city)
    staff = await city.staff(Role.REVIEWER)
    await staff.decide(lamps, "accepted", **ANSWER)
    asked = await bulk(staff, "review", shade, trees, lamps)
    assert asked.status_code == 200
    assert "This will be done for 2 suggestions" in asked.text
    assert "Yes, do it for all 2" in asked.text
    left_out = asked.text.partition("These will be left out")[2]
    assert lamps in left_out
    assert "has changed in the meantime" in left_out
    assert await city.scalar("SELECT count(*) FROM suggestions WHERE status = 'received'") == 2
    assert await city.scalar("SELECT count(*) FROM audit WHERE action = 'suggestion.in_review'") == 0


async def test_then_all_of_it_is_done_and_audited(city: City) -> None:
    sent = await suggested(city)
    staff = await city.staff(Role.REVIEWER)
    done = await bulk(staff, "review", *sent, sure=True)
    assert done.headers["location"] == "/staff?view=new&done=3"
    assert "3" in (await staff.http.get(done.headers["location"])).text
    assert await city.scalar("SELECT count(*) FROM suggestions WHERE status = 'in_review'") == 3
    assert await city.scalar("SELECT count(*) FROM audit WHERE action = 'suggestion.in_review'") == 3
    assert await city.scalar("SELECT count(*) FROM suggestion_events WHERE kind = 'moved'") == 3


async def test_what_moved_between_the_question_and_the_answer_is_left_out_and_named(city: City) -> None:
    shade, trees, lamps = await suggested(city)
    kim, lee = await city.staff(email="kim@example.org"), await city.staff(email="lee@example.org")
    await bulk(kim, "theme:energy", shade, trees, lamps)
    await lee.decide(trees, "declined", **ANSWER)
    done = await bulk(kim, "theme:energy", shade, trees, lamps, sure=True)
    assert "Done for 2 suggestions." in done.text
    assert trees in done.text.partition("Left out")[2]
    assert await city.scalar(f"SELECT theme FROM suggestions WHERE receipt = '{trees}'") is None
    assert await city.scalar("SELECT count(*) FROM suggestions WHERE theme = 'energy'") == 2
    again = await bulk(kim, "theme:energy", shade, trees, lamps, sure=True)
    assert "Nothing was done." in again.text, "sending it twice does it once"


@pytest.mark.parametrize(
    ("act", "column", "value"),
    [
        ("take", "assignee_id IS NOT NULL", True),
        ("publish", "published_at IS NOT NULL", True),
        ("commitment:KRGNJ0001", "commitment", "KRGNJ0001"),
        ("theme:waste", "theme", "waste"),
    ],
)
async def test_each_act_does_what_it_says(city: City, act: str, column: str, value: object) -> None:
    receipt = await city.citizen().suggest(SHADE)
    staff = await city.staff(Role.REVIEWER)
    assert (await bulk(staff, act, receipt, sure=True)).status_code == 303
    assert await city.scalar(f"SELECT {column} FROM suggestions") == value


async def test_what_was_set_can_be_taken_away_again(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    staff = await city.staff(Role.REVIEWER)
    await bulk(staff, "publish", receipt, sure=True)
    assert receipt in (await city.http.get("/suggestions")).text
    await bulk(staff, "unpublish", receipt, sure=True, version=2)
    assert receipt not in (await city.http.get("/suggestions")).text
    await bulk(staff, "theme:waste", receipt, sure=True, version=3)
    await bulk(staff, "theme:", receipt, sure=True, version=4)
    assert await city.scalar("SELECT theme FROM suggestions") is None
    await bulk(staff, "take", receipt, sure=True, version=5)
    await bulk(staff, "release", receipt, sure=True, version=6)
    assert await held_by(city, receipt) is None


async def test_a_flagged_text_and_an_answered_one_are_not_shown_or_taken_away_unread(city: City) -> None:
    shade, trees, _ = await suggested(city)
    staff = await city.staff()
    await change(city, shade, "flags = '{abuse}'")
    await staff.decide(trees, "accepted", **ANSWER)
    assert "is flagged" in (await bulk(staff, "publish", shade)).text
    assert "has a public answer" in (await bulk(staff, "unpublish", trees, version=2)).text
    assert await city.scalar("SELECT count(*) FROM suggestions WHERE published_at IS NULL") == 2


async def test_giving_to_a_colleague_is_for_editors(city: City) -> None:
    shade, trees, _ = await suggested(city)
    reviewer = await city.staff(Role.REVIEWER, "kim@example.org")
    editor = await city.staff(Role.EDITOR, "editor@example.org")
    kim = await city.scalar("SELECT id FROM staff WHERE email = 'kim@example.org'")
    other = await city.scalar("SELECT id FROM staff WHERE email = 'editor@example.org'")
    assert "Nothing was done." in (await bulk(reviewer, f"assign:{other}", shade, trees, sure=True)).text
    assert (await bulk(editor, f"assign:{kim}", shade, trees, sure=True)).status_code == 303
    assert await held_by(city, trees) == "kim@example.org"


async def test_nonsense_is_refused_and_changes_nothing(city: City) -> None:
    receipt = await city.citizen().suggest(SHADE)
    staff = await city.staff()
    for act in ("", "burn", "take:1", "assign", "assign:me", "assign:" + "9" * 30):
        assert (await bulk(staff, act, receipt, sure=True)).status_code == 422, act
    assert (await bulk(staff, "take", sure=True)).status_code == 422, "nothing chosen"
    assert "choose what to do with those selected" in (await bulk(staff, "", *await suggested(city))).text
    assert (await bulk(staff, "take", "not a receipt", sure=True)).status_code == 422
    for unknown in ("theme:love", "commitment:XX", "assign:99999"):
        assert "Nothing was done." in (await bulk(staff, unknown, receipt, sure=True)).text
    letters = "ACDEFGHJ"
    many = [f"GJ-{a}{b}{c}4-2222" for a in letters for b in letters for c in "23"]
    assert (await bulk(staff, "take", *many[:101], sure=True)).status_code == 422, "more than a hundred"
    assert await city.scalar("SELECT version FROM suggestions") == 1
