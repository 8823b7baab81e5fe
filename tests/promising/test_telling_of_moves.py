"""A move of a milestone, or of the city's status, and those who follow it."""

from flows.accounts import Role
from tests.city import City
from tests.promising.test_plan import CODE, ONE, enter, show

HERE = f"/staff/commitments/{CODE}"
UNTOLD = "Followers have not been told of this move yet."


async def test_a_move_leads_to_a_draft_that_a_person_publishes(city: City) -> None:
    mina = city.citizen("en")
    await mina.press(f"subscribe:{CODE}:instant")
    editor = await city.staff(Role.EDITOR)
    await enter(editor)
    assert UNTOLD not in (await editor.get(ONE, lang="en")).text, "it has not moved yet"
    assert (await editor.post(f"{HERE}/draft", milestone="1")).status_code == 422
    await show(editor, "2026-02-20")
    city.clock.forward(minutes=1)
    await editor.post(ONE, act="state", state="complete")
    await city.work_until_idle()
    assert UNTOLD in (await editor.get(ONE, lang="en")).text
    assert await city.scalar("SELECT count(*) FROM updates") == 0
    assert await mina.inbox() == [], "nothing is sent by itself"

    begun = [await editor.post(f"{HERE}/draft", milestone="1", key="k") for _ in range(2)]
    (draft,) = {one.headers["location"] for one in begun}
    written = (await editor.get(draft, lang="en")).text
    assert "The milestone “Hearing” is now complete." in written
    assert "“토론회” 이행 과제가 완료되었습니다." in written
    assert "https://example.org/minutes" in written
    number = await city.scalar("SELECT id FROM milestones")
    assert f'<option value="{number}" selected>Hearing</option>' in written
    assert UNTOLD not in (page := (await editor.get(ONE, lang="en")).text)
    assert draft in page
    await editor.post(f"{draft}/publish", seen="1")
    await city.work_until_idle()
    (told,) = await mina.inbox()
    assert "The milestone “Hearing” is now complete.\n\nMilestone: Hearing" in told["text"]
    for page in (f"/commitments/{CODE}", f"/updates/{CODE}/1"):
        assert f'<a href="/commitments/{CODE}#milestone-1">Hearing</a>' in (await editor.get(page, lang="en")).text
    assert "Milestone: Hearing</content>" in (await editor.get("/feed.atom", lang="en")).text
    (item,) = (await editor.get("/api/updates", lang="ko")).json()["items"]
    assert (item["milestone"], item["milestone_title"]) == (1, "토론회")

    city.clock.forward(minutes=1)
    await editor.post(f"{HERE}/status", status="limited")
    assert UNTOLD in (await editor.get(HERE, lang="en")).text
    draft = (await editor.post(f"{HERE}/draft")).headers["location"]
    written = (await editor.get(draft, lang="en")).text
    assert "Now: Started, limited progress. Before: Result not confirmed." in written
    await editor.post(draft, act="cancel", seen="1")
    assert UNTOLD in (await editor.get(HERE, lang="en")).text, "a draft that was given up tells nobody"
