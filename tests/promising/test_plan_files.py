"""A plan as a file: taken away, changed, brought back whole or not at all."""

import io
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import python_calamine
import xlsxwriter
from click.testing import CliRunner, Result

from bot.cli import main
from flows import commitments
from flows.accounts import Role
from flows.city import Both
from flows.commitments import BadDocument, EvidenceKind, MilestoneState, PlanDocument, PlannedEvidence
from tests.city import City, StaffBrowser

CODE, PLAN = "KRGNJ0001", "GWANGJU_2021"
type Tables = dict[str, list[list[object]]]


@pytest.fixture
async def plan(city: City) -> PlanDocument:
    """Two milestones, one of them complete; with words that a spreadsheet would run."""
    at = city.clock()
    async with city.damso.db.transaction() as tx:
        for ko, en, due in (("=1+1 토론회", "@Hearing", date(2026, 2, 1)), ("보고서", "Report", date(2026, 9, 1))):
            await commitments.add_milestone(tx, CODE, Both(ko=ko, en=en), due, by=None, at=at)
        unit = Both(ko="명", en="people")
        shown = PlannedEvidence(
            kind=EvidenceKind.FIGURE, date=date(2026, 2, 2), title=unit, value=Decimal("1200.5"), unit=unit
        )
        link = PlannedEvidence(kind=EvidenceKind.LINK, date=date(2026, 2, 1), title=unit, url="https://example.org/a")
        for e in (shown, link):
            await commitments.add_evidence(tx, CODE, 1, e, by=None, at=at)
        await commitments.move_milestone(tx, CODE, 1, MilestoneState.COMPLETE, by=None, at=at)
    return await exported(city)


async def exported(city: City) -> PlanDocument:
    async with city.damso.db.transaction() as tx:
        return await commitments.export_plan(tx, PLAN)


def tables_of(book: bytes) -> Tables:
    read = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book))
    return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}


def book_of(tables: Tables) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        as_date = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in tables.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, place, cell, as_date)
                    else:
                        sheet.write(number, place, cell)
    return out.getvalue()


def edited(plan: PlanDocument, edit: Callable[[Tables], None]) -> bytes:
    tables = tables_of(commitments.write_file(plan, "xlsx"))
    edit(tables)
    return book_of(tables)


def put(tables: Tables, sheet: str, row: int, column: str, cell: object) -> None:
    """Write into a cell, as somebody would in a spreadsheet: rows are counted from 1, the first has the names."""
    tables[sheet][row - 1][tables[sheet][0].index(column)] = cell


async def send(editor: StaffBrowser, data: bytes, lang: str = "en") -> str:
    form, file = {"csrf": await editor.csrf()}, {"file": ("plan.xlsx", data)}
    sent = await editor.http.post(f"/staff/plan-import?lang={lang}", data=form, files=file)
    return f"{sent.status_code} {sent.text}"


async def test_what_goes_out_comes_back_the_same(city: City, plan: PlanDocument) -> None:
    for form in ("yaml", "xlsx"):
        made = commitments.write_file(plan, form)  # type: ignore[arg-type]  # each of the two
        read = commitments.read_file(made)
        assert read.document == plan, form
        async with city.damso.db.transaction() as tx:
            assert await commitments.compare(tx, read.document, at=city.clock()) == []
    assert b"<f>" not in made, "nothing became a formula"


async def test_a_spreadsheet_changes_states_and_dates_in_bulk_after_a_look(city: City, plan: PlanDocument) -> None:
    editor = await city.staff(Role.EDITOR)
    taken = (await editor.get(f"/staff/plans/{PLAN}.xlsx")).content
    assert commitments.read_file(taken).document == plan

    def change(tables: Tables) -> None:
        put(tables, "Milestones", 3, "state", "in_progress")
        put(tables, "Milestones", 3, "due", date(2026, 10, 1))
        tables["Milestones"].append([CODE, "", "새 과제", "New one", "2026-12-01", "", ""])
        put(tables, "Commitments", 2, "lead_en", "Another office")

    page = await send(editor, edited(plan, change))
    assert page.startswith("200")
    for words in ("1 September 2026 → 1 October 2026", "Not started → In progress", "Another office", "New one"):
        assert words in page
    assert await exported(city) == plan, "nothing is changed by looking"
    form = {"step": "confirm"} | dict(re.findall(r'name="(again|seen)" value="([^"]+)"', page))

    await editor.post(f"/staff/commitments/{CODE}/level", level="limited", title="Report", as_of="2022-12")
    moved = await editor.post("/staff/plan-import", **form)
    assert moved.status_code == 409, "somebody changed the plan since"
    assert 'name="seen"' in moved.text, "what it would change now, to be confirmed"
    assert (await editor.post("/staff/plan-import", again="no file", seen="", step="confirm")).status_code == 422
    await editor.post(f"/staff/commitments/{CODE}/level", level="")
    today = await exported(city)
    page = await send(editor, edited(today, change))
    form = {"step": "confirm"} | dict(re.findall(r'name="(again|seen)" value="([^"]+)"', page))
    assert (await editor.post("/staff/plan-import", **form)).status_code == 303
    after = (await exported(city)).commitments[0]
    assert after.milestones is not None
    assert [(m.number, m.state, m.due.isoformat()) for m in after.milestones] == [
        (1, "complete", "2026-02-01"),
        (2, "in_progress", "2026-10-01"),
        (3, "not_started", "2026-12-01"),
    ]
    assert after.lead.en == "Another office"
    assert await city.scalar("SELECT count(*) FROM plan_changes WHERE means = 'import'") == 4
    assert await city.scalar("SELECT count(*) FROM audit WHERE action = 'plan.imported'") == 1


WRONG: dict[str, tuple[Callable[[Tables], None], str, str]] = {
    "state": (
        lambda t: put(t, "Milestones", 3, "state", "almost"),
        "Sheet Milestones, row 3, column state: Please write one of these:",
        "Milestones 시트 3행 state 열: 다음 중 하나를 적어 주세요:",
    ),
    "no evidence": (
        lambda t: put(t, "Milestones", 3, "state", "complete"),
        "Sheet Milestones, row 3, column state: A milestone is complete only with evidence",
        "Milestones 시트 3행 state 열: 근거가 있어야",
    ),
    "future evidence": (
        lambda t: put(t, "Evidence", 2, "date", "2026-03-03"),
        "Sheet Evidence, row 2, column date: This date has not come yet.",
        "Evidence 시트 2행 date 열: 아직 오지 않은 날짜입니다.",
    ),
    "future status": (
        lambda t: put(t, "Commitments", 2, "status_as_of", "2026-03-03"),
        "Sheet Commitments, row 2, column status_as_of: This date has not come yet.",
        "Commitments 시트 2행 status_as_of 열: 아직 오지 않은 날짜입니다.",
    ),
    "title": (
        lambda t: put(t, "Milestones", 2, "title_ko", ""),
        "Sheet Milestones, row 2, column title_ko: This is missing.",
        "Milestones 시트 2행 title_ko 열: 비어 있습니다.",
    ),
    "date": (
        lambda t: put(t, "Milestones", 2, "due", "first of May"),
        "Sheet Milestones, row 2, column due: Please give a date",
        "Milestones 시트 2행 due 열: 날짜를 2026-11-24",
    ),
    "address": (
        lambda t: put(t, "Sources", 2, "url", "javascript:alert(1)"),
        "Sheet Sources, row 2, column url: Please give an address",
        "Sources 시트 2행 url 열: https://",
    ),
    "column": (
        lambda t: put(t, "Plan", 1, "code", "kode"),
        "Sheet Plan, row 1, column kode: This column is not known here.",
        "Plan 시트 1행 kode 열: 알 수 없는 열입니다.",
    ),
    "nobody's": (
        lambda t: put(t, "Partners", 3, "commitment", "KRGNJ0009"),
        "Sheet Partners, row 3, column commitment: There is no commitment KRGNJ0009 in this file.",
        "Partners 시트 3행 commitment 열: 이 파일에 KRGNJ0009 공약이 없습니다.",
    ),
    "a sheet": (
        lambda t: t.pop("Commitments") and None,
        "Sheet Commitments: This sheet is missing.",
        "Commitments 시트",
    ),
    "evidence alone missing": (lambda t: t.pop("Evidence") and None, "Sheet Evidence: This sheet is", "Evidence 시트"),
    "a promise": (
        lambda t: [t[name].remove(row) for name in t for row in [*t[name]] if row[0] == "KRGNJ0002"] and None,
        "The commitment KRGNJ0002 is missing. What was promised is not taken out of a plan.",
        "KRGNJ0002 공약이 없습니다. 한번 약속한 공약은",
    ),
    "twice": (
        lambda t: put(t, "Milestones", 3, "number", "1"),
        "Sheet Milestones, row 3, column number: This stands there twice: 1.",
        "Milestones 시트 3행 number 열: 두 번",
    ),
    "order": (
        lambda t: put(t, "Commitments", 2, "end", "2020-01"),
        "Sheet Commitments, row 2, column end: The end of a period",
        "Commitments 시트 2행 end 열: 기간의 끝은",
    ),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_said_of_its_cell_in_both_languages(city: City, plan: PlanDocument, name: str) -> None:
    edit, english, korean = WRONG[name]
    data = edited(plan, edit)
    with pytest.raises(BadDocument) as bad:
        async with city.damso.db.transaction() as tx:
            read = commitments.read_file(data)
            await commitments.import_plan(
                tx, read.document, by=None, means=commitments.Means.IMPORT, where=read.where, at=city.clock()
            )
    assert english in bad.value.said("en")
    assert korean in bad.value.said("ko")
    assert await exported(city) == plan, "nothing half written"


async def test_the_page_of_an_import_says_what_is_wrong(city: City, plan: PlanDocument) -> None:
    editor = await city.staff(Role.EDITOR)
    edit, _, korean = WRONG["future evidence"]
    assert korean in (page := await send(editor, edited(plan, edit), "ko"))
    assert page.startswith("422")
    bomb = b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"
    for nonsense in (b"", b"\xff\xfe", b"[[[[", b"PK\x03\x04 broken", b"- a list", b"[" * 10_000, bomb):
        assert (await send(editor, nonsense)).startswith("422"), nonsense[:20]
    assert (await send(editor, b"x" * (2 * 1024 * 1024 + 1))).startswith("422")


async def test_a_day_made_of_a_month_by_a_spreadsheet_is_read_as_the_month(plan: PlanDocument) -> None:
    data = edited(plan, lambda t: put(t, "Commitments", 2, "start", date(2021, 8, 1)))
    assert commitments.read_file(data).document == plan


def damso(city: City, *words: str) -> Result:
    return CliRunner().invoke(
        main, words, env={"DATABASE_URL": city.database_url, "DATA_DIR": str(city.damso.settings.data_dir)}
    )


async def test_commands_read_in_and_take_away(city: City, plan: PlanDocument, tmp_path: Path) -> None:
    import asyncio

    async def run(*words: str) -> Result:
        return await asyncio.to_thread(damso, city, *words)

    file = tmp_path / "plan.yml"
    assert (await run("plan", "export", PLAN, "--output", str(file))).exit_code == 0
    written = file.read_text("utf-8")
    file.write_text(written.replace("2026-09-01", "2026-10-01"), "utf-8")
    looked = await run("plan", "import", str(file), "--dry-run")
    assert looked.output == "KRGNJ0001/2 due: 2026-09-01 → 2026-10-01\n"
    assert await exported(city) == plan
    assert (await run("plan", "import", str(file))).exit_code == 0
    assert (await exported(city)) != plan
    file.write_text(written.replace("status: unknown", "status: fine", 1), "utf-8")
    refused = await run("plan", "import", str(file))
    assert refused.exit_code == 1
    assert re.search(r"Line \d+, commitments.status: Please write one of these", refused.output)
    assert (await run("plan", "export", "NOWHERE")).exit_code == 1


async def test_a_file_of_updates_is_published_whole_or_not_at_all(city: City, tmp_path: Path) -> None:
    import asyncio

    file = tmp_path / "updates.csv"

    async def run(words: str) -> Result:
        file.write_text(words, "utf-8-sig")
        return await asyncio.to_thread(damso, city, "update", "import", str(file))

    head = "commitment,ko,en,at\n"
    bad = await run(f"{head}KRGNJ0001,소식,News,\nKRGNJ0009,소식,News,\nKRGNJ0001,,News,never\n")
    assert bad.exit_code == 1
    assert "Row 4 ko: This is missing." in bad.output
    assert "Row 4 at: Please give a date" in bad.output
    lost = await run(f"{head}KRGNJ0001,소식,News,\nKRGNJ0009,소식,News,\n")
    assert "Row 3: There is no commitment KRGNJ0009." in lost.output
    assert await city.scalar("SELECT count(*) FROM updates") == 0
    assert (await run("nonsense")).exit_code == 1
    done = await run(f"{head}KRGNJ0001,소식,News,\nkrgnj0002,둘째 소식,More news,2099-01-01T09:00\n")
    assert done.exit_code == 0, done.output
    assert await city.scalar("SELECT count(*) FROM updates") == 2
    twice = await run("- {commitment: KRGNJ0001, ko: 새 소식, en: New}\n- {commitment: KRGNJ0001, ko: 소식, en: News}")
    assert "Entry 2: There is an update with these words already" in twice.output
    assert await city.scalar("SELECT count(*) FROM updates") == 2
