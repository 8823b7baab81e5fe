"""The plan as data: evidence, history, what is late, several plans side by side."""

from datetime import date
from typing import Any

from flows import commitments
from flows.accounts import Role
from flows.city import Both
from flows.commitments import Means, PlanDocument
from tests.city import City, StaffBrowser

CODE, PLAN = "KRGNJ0001", "GWANGJU_2021"
ONE = f"/staff/commitments/{CODE}/milestones/1"
PDF = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


async def enter(editor: StaffBrowser, due: str = "2026-02-01", ko: str = "토론회", en: str = "Hearing") -> None:
    made = await editor.post(f"/staff/commitments/{CODE}/milestones", ko=ko, en=en, due=due)
    assert made.status_code == 303, made.text


async def show(editor: StaffBrowser, dated: str, **more: str) -> int:
    form = {"shows_ko": "회의록", "shows_en": "Minutes", "dated": dated, "code": CODE, "number": "1"}
    what = {"url": "https://example.org/minutes"} if not more else {}
    return (await editor.post("/staff/evidence", **form | what | more)).status_code


async def tasks(editor: StaffBrowser) -> str:
    """The list of what needs staff, without the menu above it."""
    return (await editor.get("/staff/plan-tasks", lang="en")).text.partition("<main")[2]


async def api(city: City, lang: str = "en") -> dict[str, Any]:
    return (await city.http.get(f"/api/commitments/{CODE}", params={"lang": lang})).json()  # type: ignore[no-any-return]


async def document(city: City) -> PlanDocument:
    async with city.damso.db.transaction() as tx:
        return await commitments.export_plan(tx, PLAN)


async def test_a_milestone_is_complete_only_with_evidence_and_no_fresher_than_it(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    await enter(editor)
    await enter(editor, "2026-06-01", "보고서", "Report")
    for refused in ("2026-03-03", "1999-01-01", "soon"):
        assert await show(editor, refused) == 422
    form = {"shows_ko": "회의록", "shows_en": "Minutes", "dated": "2026-02-20", "code": CODE, "number": "1"}
    for wrong, why in (
        ({"url": "javascript:alert(1)"}, "begins with https"),
        ({"value": "many"}, "a number in digits"),
    ):
        assert why in (await editor.post("/staff/evidence?lang=en", **form, **wrong, unit_ko="", unit_en="")).text
    assert (await editor.post(ONE, act="state", state="complete")).status_code == 422, "nothing shows it"
    assert await show(editor, "2026-02-20", value="1,200.5", unit_ko="명", unit_en="person|people") == 303
    late = await editor.post(ONE, act="state", state="complete", done="2026-02-21")
    assert late.status_code == 422
    assert "2026-02-20" in late.text
    assert (await editor.post(ONE, act="state", state="complete")).status_code == 303
    await editor.post(f"/staff/commitments/{CODE}/status", status="limited")
    await editor.post(
        f"/staff/commitments/{CODE}/milestones/2", act="words", ko="답변서", en="Answers", due="2026-07-01"
    )

    seen = await api(city)
    assert seen["completion"] == {"done": 1, "of": 2, "percent": 50}
    assert seen["moved_on"] == "2026-02-20", "neither a state nor a date moves it"
    (one, two) = seen["milestones"]
    assert (one["state"], one["done"], one["moved_on"]) == ("complete", "2026-02-20", "2026-02-20")
    assert one["evidence"] == [
        {"kind": "figure", "title": "Minutes", "date": "2026-02-20", "url": None, "value": 1200.5, "unit": "people"}
    ]
    assert (two["state"], two["moved_on"]) == ("not_started", None)
    evidence = str(await city.scalar("SELECT id FROM evidence"))
    gone = await editor.post(ONE, act="remove", evidence=evidence)
    assert gone.status_code == 422, "it would be complete without anything that shows it"
    await editor.post(f"/staff/commitments/{CODE}/milestones/2", act="state", state="cancelled")
    assert (await api(city))["completion"] == {"done": 1, "of": 1, "percent": 100}

    changes = (await city.http.get(f"/api/commitments/{CODE}/changes", params={"lang": "ko"})).json()["items"]
    told = [(c["field"], c["before"], c["after"]) for c in changes]
    assert told[0] == ("state", "시작 전", "취소됨")
    assert ("due", "2026년 6월 1일", "2026년 7월 1일") in told
    assert ("milestone", None, "2026년 2월 1일") in told
    assert ("evidence", None, "2026년 2월 20일 · 회의록 · 1,200.5명") in told
    page = (await city.http.get(f"/commitments/{CODE}", params={"lang": "en"})).text
    assert "Evidence: 20 February 2026 · Minutes · 1,200.5 people (new)" in page
    assert "Minutes: 1,200.5 people" in page
    assert told[-1][0] == "commitment"
    assert "Hearing" in (await editor.get(f"/staff/commitments/{CODE}", lang="en")).text


async def test_a_file_is_evidence_and_is_kept(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    await enter(editor)
    form = {"shows_ko": "회의록", "shows_en": "Minutes", "dated": "2026-02-20", "code": CODE, "number": "1"}
    data = form | {"csrf": await editor.csrf()}
    wrong = await editor.http.post("/staff/evidence", data=data, files={"file": ("a.pdf", b"MZ not a document")})
    assert wrong.status_code == 422
    sent = await editor.http.post("/staff/evidence", data=data, files={"file": ("a.pdf", PDF)})
    assert sent.status_code == 303, sent.text
    (shown,) = (await api(city))["milestones"][0]["evidence"]
    city.clock.forward(hours=3)
    await city.work_until_idle()  # sweeps files that nobody wants
    file = await city.http.get(shown["url"])
    assert (file.content, file.headers["content-disposition"][:10]) == (PDF, "attachment")
    assert (await city.http.get("/evidence/999")).status_code == 404
    number = shown["url"].rpartition("/")[2]
    assert (await editor.post(ONE, act="remove", evidence=number)).status_code == 303
    assert (await city.http.get(shown["url"])).status_code == 404


async def test_what_is_late_is_a_task_once_and_said_to_everybody_after_the_days_of_grace(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    await city.publish(CODE, "준비를 시작했습니다.", "Work has begun.")
    await city.work_until_idle()
    await enter(editor, "2026-03-20")
    await editor.post(f"/staff/commitments/{CODE}/status", status="complete")  # its own period is over since 2022
    assert "Nothing in the plan needs you" in await tasks(editor)
    city.clock.set("2026-03-06 09:00")
    for _ in range(2):
        await city.work_until_idle()
    await editor.sign_in()
    assert (await tasks(editor)).count("Due soon") == 1
    task = str(await city.scalar("SELECT id FROM plan_tasks"))
    assert (await editor.post(f"/staff/plan-tasks/{task}")).status_code == 303
    assert await city.scalar("SELECT count(*) FROM plan_tasks WHERE acknowledged_by IS NOT NULL") == 1

    city.clock.set("2026-04-19 09:00")
    await city.work_until_idle()
    await editor.sign_in()
    assert "Overdue" in await tasks(editor)
    assert (await api(city))["silent_since"] is None, "the last day of grace"
    city.clock.set("2026-04-20 09:00")
    await city.work_until_idle()
    await editor.sign_in()
    assert "No sign of it since" in await tasks(editor)
    seen = await api(city)
    assert seen["silent_since"] == "2026-03-02", "the day of its last update"
    assert seen["milestones"][0]["state"] == "delayed", "whether or not somebody says so"
    assert "2026년 3월 2일 이후 소식 없음" in (await city.citizen().press(f"commitment_status:{CODE}")).text

    assert await show(editor, "2026-04-10") == 303
    assert (await api(city))["silent_since"] is None
    assert "Nothing in the plan needs you" in await tasks(editor)
    await city.work_until_idle()
    assert await city.scalar("SELECT count(*) FROM plan_tasks") == 3, "none is made twice"


async def test_nothing_looks_fresher_than_what_was_said_of_it(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    await editor.post(f"/staff/commitments/{CODE}/status", status="limited")
    await city.publish(CODE, "준비를 시작했습니다.", "Work has begun.")
    await city.work_until_idle()
    city.clock.set("2026-03-12 09:00")
    await editor.sign_in()
    same = await editor.post(f"/staff/commitments/{CODE}/status", status="limited")
    assert same.headers["location"].endswith("?saved=same")
    await city.correct(await city.scalar("SELECT id FROM updates"), "준비를 마쳤습니다.", "Work is prepared.")
    await city.work_until_idle()
    seen = await api(city)
    assert (seen["status_as_of"], seen["moved_on"], len(seen["updates"])) == ("2026-03-02", "2026-03-02", 2)
    assert await city.scalar("SELECT count(*) FROM audit WHERE action = 'commitment.limited'") == 1


async def test_what_ogp_says_stands_beside_what_the_city_says(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    await editor.post(f"/staff/commitments/{CODE}/status", status="complete")
    form = {"level": "limited", "title": "Report", "url": "https://example.org/r", "as_of": "2022-12"}
    for wrong in ({"title": ""}, {"url": "javascript:alert(1)"}, {"as_of": "last year"}):
        assert (await editor.post(f"/staff/commitments/{CODE}/level", **form | wrong)).status_code == 422
    assert (await editor.post(f"/staff/commitments/{CODE}/level", **form)).status_code == 303
    seen = await api(city)
    assert (seen["status"], seen["level"]["level"], seen["level"]["source"]["as_of"]) == (
        "complete",
        "limited",
        "2022-12",
    )
    answer = await city.citizen("en").press(f"commitment_status:{CODE}")
    assert "Status: Completed" in answer.text
    assert "OGP's own assessment, apart from what the city says: Started, limited progress" in answer.text
    await editor.post(f"/staff/commitments/{CODE}/level", level="")
    assert (await api(city))["level"] is None


async def test_plans_stand_side_by_side_and_the_ended_one_says_so(city: City) -> None:
    first = await document(city)
    second = first.model_copy(
        update={
            "code": "NEXT_2026",
            "title": Both(ko="다음 실행계획", en="The next plan"),
            "period": first.period.model_copy(update={"start": "2026", "end": "2027-12"}),
            "commitments": (first.commitments[0].model_copy(update={"code": "NEXT0001", "status_as_of": "2026-01"}),),
        }
    )
    async with city.damso.db.transaction() as tx:
        await commitments.import_plan(tx, second, by=None, means=Means.COMMAND, at=city.clock())
    plans = (await city.http.get("/api/plans", params={"lang": "en"})).json()["items"]
    assert [(p["code"], p["ended"]) for p in plans] == [("NEXT_2026", False), (PLAN, True)]
    answer = await city.citizen("en").press("list_commitments")
    assert "The next plan. It runs until December 2027. It has 1 commitments." in answer.text
    assert "It ended in June 2022 and is kept as an archive. It has 2 commitments." in answer.text
    assert "2022년 6월에 끝난" in (await city.citizen().press(f"commitment_status:{CODE}")).text
    assert (await api(city))["plan"]["ended"] is True
    named = (await city.http.get("/api/suggestions", params={"commitment": "NEXT0001"})).status_code
    assert named == 200, "a commitment that came by a file is one like the others"


async def test_content_is_loaded_again_only_when_it_changed(city: City) -> None:
    editor = await city.staff(Role.EDITOR)
    await editor.post(f"/staff/commitments/{CODE}/status", status="limited")
    there = await document(city)
    renamed = there.model_copy(update={"title": Both(ko="고친 제목", en="Another title")})
    async with city.damso.db.transaction() as tx:
        await commitments.import_plan(tx, renamed, by=None, means=Means.IMPORT, at=city.clock())
    async with city.damso.db.transaction() as tx:
        await commitments.load_plans(tx, commitments.read_plans(), at=city.clock())
    assert (await document(city)).title.en == "Another title", "what staff brought in outlives a start"
    (content,) = commitments.read_plans()
    changed = content.model_copy(update={"title": Both(ko="새 내용", en="New content")})
    async with city.damso.db.transaction() as tx:
        await commitments.load_plans(tx, [changed], at=city.clock())
    now = await document(city)
    assert now.title.en == "New content"
    assert now.commitments[0].status == "limited", "what staff said of it stays"


def test_the_last_day_of_a_period_is_inside_it() -> None:
    (plan,) = commitments.read_plans()
    assert plan.period.end == "2022-06"
    shown = commitments.Plan("X", plan.title, False, "2021", "2022-06", plan.city)
    assert not shown.has_ended(date(2022, 6, 30))
    assert shown.has_ended(date(2022, 7, 1))
