"""Staff bring in figures from a spreadsheet: looked at first, cell by cell, then all of it or nothing."""

import asyncio
import io
import re
import zipfile
from base64 import b64encode
from datetime import date
from html import unescape
from pathlib import Path

import httpx
import pytest
import xlsxwriter
from click.testing import CliRunner, Result

from bot.cli import main
from flows.accounts import Role
from flows.sheets import Cell
from tests.city import City, StaffBrowser

PAGE = "/staff/indicators"
NUMBERS = ["code", "period", "value", "as_of"]
SERIES = [
    *("code", "title_ko", "title_en", "unit_ko", "unit_en", "decimals", "every", "about_ko", "about_en"),
    *("source_title", "source_url", "commitment", "topics"),
]
VILLAGES = ["energy_villages", "2024", "1", "2025"]
SOLAR = [
    *(
        "city_solar",
        "태양광 설비 용량",
        "Solar capacity",
        "MW",
        "MW",
        1,
        "year",
        "가상의 수치입니다.",
        "Fictional figures.",
    ),
    *("A fictional report", "https://example.org/solar", "KRGNJ0002", "renewable_energy"),
]


def csv_of(*rows: list[object], encoding: str = "utf-8") -> bytes:
    return "".join(",".join(f'"{cell}"' for cell in row) + "\r\n" for row in rows).encode(encoding)


def book(**sheets: list[list[Cell]]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, date):
                        sheet.write_datetime(number, column, cell, workbook.add_format({"num_format": "yyyy-mm-dd"}))
                    else:
                        sheet.write(number, column, cell)
    return made.getvalue()


async def choose(staff: StaffBrowser, data: bytes, lang: str = "en") -> httpx.Response:
    csrf = await staff.csrf()
    return await staff.http.post(f"{PAGE}?lang={lang}", data={"csrf": csrf}, files={"file": ("figures.xlsx", data)})


async def confirm(staff: StaffBrowser, shown: httpx.Response) -> httpx.Response:
    hidden = dict(re.findall(r'name="(again|seen)" value="([^"]*)"', shown.text))
    return await staff.post(f"{PAGE}?lang=en", **hidden, step="confirm")


def said(response: httpx.Response) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text)))


async def test_a_series_comes_in_with_its_numbers_and_a_citizen_asks_for_it(city: City) -> None:
    staff = await city.staff(Role.EDITOR)
    data = book(
        수치=[
            NUMBERS,
            ["city_solar", 2023.0, 1234.5, date(2024, 12, 31)],
            ["city_solar", "2024년", "1,500.5", "2025. 1. 31."],
        ],
        지표=[SERIES, SOLAR],
        메모=[["What this is about"]],
    )
    shown = await choose(staff, data)
    assert shown.status_code == 200
    assert "New series Solar capacity (city_solar)" in said(shown) and "1,500.5 · 31 January 2025" in said(shown)
    assert "The sheet “메모” was not read" in said(shown)
    assert (await city.http.get("/api/indicators/city_solar")).status_code == 404, "nothing is changed by looking"

    assert (await confirm(staff, shown)).status_code == 303
    city.rasa.means("태양광 얼마나 늘었어?", "ask_renewable_energy")
    answer = await city.citizen().say("태양광 얼마나 늘었어?")
    assert "태양광 설비 용량: 1,500.5MW(2024년)" in answer.text, "the one of several that says how it changed"
    solar = (await city.citizen().press("figure:city_solar"))["replies"][0]
    assert "태양광 설비 용량: 1,500.5MW(2024년)\n2023년(1,234.5MW)보다 266.0MW 늘었습니다(21.5% 증가)." in solar["text"]
    assert "city_solar" in (await city.http.get("/commitments/KRGNJ0002")).text
    acts = await city.scalar(
        "SELECT string_agg(action || ' ' || target, ', ' ORDER BY id) FROM audit WHERE action LIKE 'indicator%'"
    )
    assert (
        acts == "indicator.described city_solar, indicator.entered city_solar/2023, indicator.entered city_solar/2024"
    )


async def test_a_correction_keeps_what_was_and_the_same_file_twice_changes_nothing(city: City) -> None:
    staff = await city.staff(Role.EDITOR)
    data = csv_of(NUMBERS, ["energy_villages", "2024", "14", "2025-03"], ["energy_villages", "2023", "12", "2025-03"])
    shown = await choose(staff, data)
    assert (
        "Figure corrected Energy transition villages (energy_villages) 2024 15 · 13 December 2024 14 · March 2025"
        in said(shown)
    )
    await confirm(staff, shown)
    found = (await city.http.get("/api/indicators/energy_villages?lang=en")).json()["observations"]
    assert [(it["period"], it["value"], len(it["corrected_from"])) for it in found[-2:]] == [
        ("2023", 12, 0),
        ("2024", 14, 1),
    ]
    assert (
        "corrected on 2 March 2026. Before, it was given as 15 villages."
        in (await staff.get("/figures/energy_villages", lang="en")).text
    )
    assert "The file changes nothing" in said(await choose(staff, data))

    taken = (await city.http.get("/figures.csv")).content
    assert "The file changes nothing" in said(await choose(staff, taken)), "what was taken away can be brought back"


FAULTS = {
    "about 12": "This is not a number",
    "1,23": "This is not a number",
    "1.234,5": "This is not a number",
    "１２곳": "This is not a number",
    "": "Nothing is written here",
    "=1+1": "This is a formula",
    "1" * 16: "This number is too large",
    "12.5": "This series shows 0 digits",
    "NaN": "This is not a number",
    "1e3": "This is not a number",
}


async def test_every_bad_cell_is_named_and_nothing_is_taken_in(city: City) -> None:
    staff = await city.staff(Role.EDITOR)
    rows = [["energy_villages", str(1990 + at), value, "2025"] for at, value in enumerate(FAULTS)]
    others = [
        (["nowhere", "2020", "1", "2025"], "A12", "There is no series of this code"),
        (
            ["energy_villages", "2020-06", "1", "2025"],
            "B13",
            "This series has a number for each year or month written like this: 2024",
        ),
        (["energy_villages", "2020", "1", "2025-13"], "D14", "Please write the date like"),
        (["energy_villages", "1990", "1", "2025"], "B15", "This is in the file twice; it stands in B2 already"),
        (["", "", "", ""], "", ""),
        (["", "2020", "1", "2025"], "A17", "Nothing is written here"),
    ]
    good = ["energy_villages", "2010", "1", "2025"]
    refused = await choose(staff, csv_of(NUMBERS, *rows, *(row for row, _, _ in others), good))
    assert refused.status_code == 422
    wanted = [(f"C{at}", why) for at, why in enumerate(FAULTS.values(), 2)]
    for cell, why in [*wanted, *((cell, why) for _, cell, why in others if cell)]:
        assert f" {cell} {why}" in said(refused)
    assert 'name="again"' not in refused.text, "there is nothing to confirm"
    forced = await staff.post(
        f"{PAGE}?lang=en", again=b64encode(csv_of(NUMBERS, *rows, good)).decode(), seen="", step="confirm"
    )
    assert forced.status_code in (409, 422)
    assert "2010" not in (await city.http.get("/figures/energy_villages.csv")).text
    too_fine = await choose(staff, csv_of(SERIES, [*SOLAR[:5], 7, *SOLAR[6:]]), "ko")
    assert "0~6으로 써 주세요" in said(too_fine)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "Please choose a file"),
        (b"PK\x03\x04 no archive", "could not be read as a table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "could not be read as a table"),
        (b'code,period\n"open', "could not be read as a table"),
        (b"\xff\xff\xff", "could not be read as a table"),
        (csv_of(["a", "b"], ["1", "2"]), "No table was found"),
        (csv_of(["code", "period", "as_of"], ["energy_villages", "2024", "2025"]), "The column “value” is missing"),
        (csv_of([*NUMBERS, "valeu"], [*VILLAGES, ""]), "E1 There is no column of this name"),
        (csv_of([*NUMBERS, "note_ko"], [*VILLAGES, "비고"]), "both languages, or in neither"),
        (csv_of([*NUMBERS, "source_title", "source_url"], [*VILLAGES, "A", "ftp://a"]), "F2 A web address begins"),
        (csv_of(SERIES, ["Bad Code", *SOLAR[1:]]), "A2 A code is 2 to 40"),
        (csv_of(SERIES, [*SOLAR[:6], "week", *SOLAR[7:]]), "G2 Please write “year” or “month”"),
        (csv_of(SERIES, [*SOLAR[:-1], "nothing"]), "M2 There is no topic “nothing”"),
        (csv_of(SERIES, [*SOLAR[:-2], "KRGNJ9999", ""]), "L2 There is no commitment KRGNJ9999"),
        (csv_of(SERIES, ["energy_villages", *SOLAR[1:6], "month", *SOLAR[7:]]), "stays by year or by month as it is"),
        (csv_of(SERIES, [*SOLAR[:1], "", *SOLAR[2:]]), "B2 Nothing is written here"),
        (csv_of(NUMBERS, *([VILLAGES] * 5_001)), "at most 512 kB and 5000 rows"),
        (b"x" * (512 * 1024 + 1), "at most 512 kB"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
async def test_files_that_are_no_tables_of_figures_are_refused_in_words(city: City, data: bytes, why: str) -> None:
    refused = await choose(await city.staff(Role.EDITOR), data)
    assert refused.status_code == 422 and why in said(refused)


async def test_excels_csv_in_korean_and_korean_headings_are_read(city: City) -> None:
    staff = await city.staff(Role.EDITOR)
    rows = (
        ["지표 코드", "기간", "값", "기준일", "비고", "비고(영어)"],
        ["energy_villages", "2025년", "17", "2026년 1월", "잠정", "Provisional"],
    )
    for data in (
        csv_of(*rows, encoding="cp949"),
        csv_of(*rows, encoding="utf-8-sig"),
        csv_of(*rows, encoding="utf-16"),
    ):
        shown = await choose(staff, data)
        assert "2025 – 17 · January 2026" in said(shown)
    await confirm(staff, shown)
    assert "잠정" in (await city.citizen().press("figure:energy_villages")).text


async def test_a_book_that_would_fill_the_memory_is_refused(city: City) -> None:
    staff = await city.staff(Role.EDITOR)
    packed = book(수치=[NUMBERS])
    far, bomb = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as read, zipfile.ZipFile(far, "w") as written:
        for name in read.namelist():
            written.writestr(name, read.read(name).replace(b'r="D1"', b'r="XFD1048576"'))
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("xl/worksheets/sheet1.xml", b" " * (33 * 1024 * 1024))
    for data in (far.getvalue(), bomb.getvalue()):
        assert "at most 512 kB and 5000 rows" in said(await choose(staff, data))


async def test_what_was_confirmed_is_what_was_shown(city: City) -> None:
    one, other = await city.staff(Role.EDITOR), await city.staff(Role.EDITOR, "other@example.org")
    shown = await choose(one, csv_of(NUMBERS, ["energy_villages", "2024", "14", "2025"]))
    await confirm(other, await choose(other, csv_of(NUMBERS, ["energy_villages", "2024", "13", "2025"])))
    late = await confirm(one, shown)
    assert late.status_code == 409 and "have changed since you looked" in said(late)
    assert 'name="again"' in late.text, "what it would change now, to be confirmed"
    assert "energy_villages,2024,13," in (await city.http.get("/figures.csv")).text


def command(database_url: str, file: Path, *options: str) -> Result:
    return CliRunner().invoke(main, ["indicators", "import", str(file), *options], env={"DATABASE_URL": database_url})


async def test_the_command_line_takes_a_file_in_or_says_what_it_would_do(
    city: City, database_url: str, tmp_path: Path
) -> None:
    file, bad = tmp_path / "figures.csv", tmp_path / "bad.csv"
    file.write_bytes(csv_of(NUMBERS, ["energy_villages", "2024", "14", "2025"]))
    bad.write_bytes(csv_of(NUMBERS, ["energy_villages", "2024", "many", "2025"]))
    for options, after in (["--dry-run"], "15"), ([], "14"):
        done = await asyncio.to_thread(command, database_url, file, *options)
        assert (done.exit_code, done.stdout) == (0, "energy_villages 2024: 15 -> 14\n"), done.output
        assert f"energy_villages,2024,{after}," in (await city.http.get("/figures.csv")).text
    refused = await asyncio.to_thread(command, database_url, bad)
    assert refused.exit_code == 1 and "C2: This is not a number" in refused.stderr
    assert await city.scalar("SELECT actor FROM audit WHERE action = 'indicator.corrected'") == "command line"


async def test_a_reviewer_may_not_bring_in_figures(city: City) -> None:
    assert (await (await city.staff(Role.REVIEWER)).get(PAGE)).status_code == 403
