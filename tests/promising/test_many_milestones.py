"""One change to several milestones at once: looked at first, then made, each with its trace."""

import html
import re

from flows.accounts import Role
from tests.city import City, StaffBrowser

CODE = "KRGNJ0001"
PAGE = f"/staff/commitments/{CODE}"
EVIDENCE = {"shows_ko": "결과 보고서", "shows_en": "Report", "url": "https://example.org/report", "dated": "2026-02-20"}


async def three(city: City) -> StaffBrowser:
    """An editor, and three milestones: the second is there twice, 31 days apart."""
    editor = await city.staff(Role.EDITOR)
    for ko, en, due in (
        ("토론회", "Hearing", "2026-02-01"),
        *((("보고서", "Report", f"2026-0{n}-01")) for n in (3, 4)),
    ):
        made = await editor.post(f"{PAGE}/milestones", ko=ko, en=en, due=due)
        assert made.status_code == 303, made.text
    return editor


async def many(editor: StaffBrowser, *chosen: int, **form: str) -> tuple[int, str]:
    """What is answered to the first press of the button, in English."""
    data = {"csrf": await editor.csrf(), "chosen": [str(number) for number in chosen]} | form
    answer = await editor.http.post(f"{PAGE}/many?lang=en", data=data)
    return answer.status_code, html.unescape(answer.text)


async def confirm(editor: StaffBrowser, shown: str) -> int:
    """Press the button of the preview."""
    sent: dict[str, list[str]] = {"step": ["do"]}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown.partition("<main")[2]):
        sent.setdefault(name, []).append(value)
    return (await editor.http.post(f"{PAGE}/many", data=sent)).status_code


async def milestones(city: City) -> list[tuple[str, str, str | None]]:
    seen = (await city.http.get(f"/api/commitments/{CODE}")).json()["milestones"]
    return [(m["due"], m["state"], m["done"]) for m in sorted(seen, key=lambda m: m["due"])]


async def test_the_state_of_several_is_set_with_evidence_where_it_is_asked_for(city: City) -> None:
    editor = await three(city)
    assert (await editor.post(f"{PAGE}/milestones/1", act="state", state="in_progress")).status_code == 303
    status, bare = await many(editor, 1, 2, to="complete")
    assert (status, bare.count("A milestone is complete only with evidence")) == (200, 2)
    assert "none of the milestones" in bare

    status, shown = await many(editor, 1, 2, 9, to="complete", **EVIDENCE)
    assert "This would change 2 milestones" in shown
    assert "State: In progress → Completed" in shown
    assert "Reached on: 20 February 2026 (new)" in shown
    assert "<strong>9</strong> <span>This milestone is not here any more" in shown
    assert "complete" not in {state for _, state, _ in await milestones(city)}, "nothing is changed yet"
    assert await confirm(editor, shown) == 303
    assert [(state, done) for _, state, done in await milestones(city)] == [
        ("complete", "2026-02-20"),
        ("complete", "2026-02-20"),
        ("not_started", None),
    ]
    assert await confirm(editor, shown) == 409, "it is so already"
    assert "It is in this state already" in (await many(editor, 1, to="complete", **EVIDENCE))[1]
    assert await city.scalar("SELECT count(*) FROM evidence") == 2
    acts = "SELECT string_agg(target, ' ' ORDER BY target) FROM audit WHERE action = 'milestone.complete'"
    assert await city.scalar(acts) == f"{CODE}/1 {CODE}/2"
    history = "SELECT count(*) FROM plan_changes WHERE field = 'state' AND after = 'complete' AND means = 'console'"
    assert await city.scalar(history) == 2


async def test_dates_are_moved_together_and_not_what_somebody_else_has_moved_meanwhile(city: City) -> None:
    editor = await three(city)
    _, shown = await many(editor, 1, 2, 3, to="dates", days="31")
    assert "Due on: 1 March 2026 → 1 April 2026" in shown, "also onto the date of its twin, which moves too"
    await editor.post(f"{PAGE}/milestones/1", act="words", ko="토론회", en="Hearing", due="2026-02-10")
    assert await confirm(editor, shown) == 409
    assert [due for due, _, _ in await milestones(city)] == ["2026-02-10", "2026-03-01", "2026-04-01"]
    assert await confirm(editor, (await many(editor, 2, 3, to="dates", days="-31"))[1]) == 303
    assert [due for due, _, _ in await milestones(city)] == ["2026-01-29", "2026-02-10", "2026-03-01"]


async def test_what_makes_no_sense_changes_nothing(city: City) -> None:
    editor = await three(city)
    before = await milestones(city)
    for chosen, form in (
        ((), {"to": "cancelled"}),
        ((1,), {}),
        ((1,), {"to": "finished"}),
        *(((1,), {"to": "dates", "days": days}) for days in ("", "0", "soon", "--1", "3661", "9" * 30)),
        ((1,), {"to": "complete", **EVIDENCE, "shows_en": ""}),
        ((1,), {"to": "complete", **EVIDENCE, "url": "javascript:alert(1)"}),
        ((1,), {"to": "complete", **EVIDENCE, "dated": "20 February"}),
    ):
        status, shown = await many(editor, *chosen, **form)
        assert status == 422, form
        assert 'role="alert"' in shown
    status, shown = await many(editor, 1, to="complete", **EVIDENCE | {"dated": "2026-12-01"})
    assert "This date has not come yet" in shown
    assert 'name="step"' not in shown, "there is nothing to confirm"
    for code in ("KRGNJ9999", "nowhere%00"):
        assert (await editor.post(f"/staff/commitments/{code}/many", chosen="1", to="cancelled")).status_code == 404
    assert await milestones(city) == before
