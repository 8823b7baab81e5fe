"""Suggestions in figures, and as a table to take away."""

import asyncio
import csv
import io
import json
import re
import zipfile

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.pages.charts import columns, rows, scale_top
from tests.city import City
from tests.reviewing.desk import act

WORDS = "버스 정류장에 그늘막을 늘려 주세요"
FORMULA = "=HYPERLINK(\"http://evil.example\",\"열기\") 그늘막을 늘려 주세요"  # fmt: skip


def figure(page: str, name: str) -> str:
    """What stands under a name on the page, without its markup."""
    found = re.search(rf"<dt>{name}</dt><dd>(.*?)</dd>", page, re.DOTALL)
    assert found, name
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


def export(database_url: str, *words: str) -> Result:
    env = {"DATABASE_URL": database_url}
    return CliRunner().invoke(main, ["suggestions", "export", *words], env=env)


async def test_the_figures_count_what_came_and_what_was_answered_in_time(city: City) -> None:
    city.clock.set("2026-03-09 10:00")
    soon, late = [await city.citizen(lang).suggest(WORDS) for lang in ("ko", "en")]
    await city.citizen().suggest("세 번째 제안은 아직 기다립니다")
    asked = await city.citizen().suggest("네 번째 제안에는 더 물어볼 것이 있습니다")
    city.clock.set("2026-03-11 10:00")
    staff = await city.staff()
    await act(city, staff, asked, "ask", question="어디인가요?")
    assert (await staff.decide(soon, "accepted", ko="늘리겠습니다", en="We will")).status_code == 303
    city.clock.set("2026-06-08 10:00")
    await staff.sign_in()
    assert (await staff.decide(late, "declined", ko="어렵습니다", en="We cannot")).status_code == 303
    page = (await staff.get("/staff/figures", lang="en")).text
    assert figure(page, "Suggestions in all") == "4"
    assert figure(page, "Waiting for an answer") == "1 the oldest since 9 March 2026", "an author has to reply first"
    assert figure(page, "Overdue") == "1"
    assert figure(page, "Answered in time") == "50% 1 of 2"
    assert figure(page, "Median days to the first answer") == "46.5"


async def test_without_a_suggestion_nothing_is_claimed(city: City) -> None:
    page = (await (await city.staff()).get("/staff/figures", lang="en")).text
    assert figure(page, "Suggestions in all") == "0"
    assert figure(page, "Answered in time") == "–"
    assert figure(page, "Median days to the first answer") == "–"
    assert "Nothing to count yet." in page


async def test_every_plot_has_its_figures_as_a_table(city: City) -> None:
    city.clock.set("2026-03-09 10:00")
    await city.citizen().suggest(WORDS)
    page = (await (await city.staff()).get("/staff/figures", lang="en")).text
    assert re.search(r'<th scope="row">2026-03-09</th><td data-label="Received">1</td>', page)
    assert re.search(r'<th scope="row">Web chat</th>\s*<td>.*?>1</span>', page, re.DOTALL)


async def test_the_csv_opens_in_excel_and_holds_no_formula(city: City) -> None:
    receipt = await city.citizen().suggest(FORMULA)
    response = await (await city.staff()).get("/staff/figures/suggestions.csv")
    assert response.headers["content-disposition"].startswith('attachment; filename="suggestions-')
    assert response.content.startswith("\ufeff".encode())
    (row,) = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))
    assert row["receipt"] == receipt
    assert row["text"] == f"'{FORMULA}"


async def test_the_xlsx_holds_the_text_as_text(city: City) -> None:
    await city.citizen().suggest(FORMULA)
    response = await (await city.staff()).get("/staff/figures/suggestions.xlsx")
    book = zipfile.ZipFile(io.BytesIO(response.content))
    assert book.testzip() is None
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "HYPERLINK" in sheet
    assert "<f>" not in sheet
    assert not [name for name in book.namelist() if "rels" in name and "sheet1" in name], "no link is made of it"


async def test_the_json_has_the_text_as_it_is_and_nobody_who_sent_it(city: City) -> None:
    mina = city.citizen()
    await mina.suggest(FORMULA)
    response = await (await city.staff()).get("/staff/figures/suggestions.json")
    (row,) = response.json()
    assert row["text"] == FORMULA
    assert mina.session
    assert mina.session not in response.text


async def test_no_suggestion_makes_an_empty_table_in_every_format(city: City) -> None:
    staff = await city.staff()
    assert (await staff.get("/staff/figures/suggestions.json")).json() == []
    assert len((await staff.get("/staff/figures/suggestions.csv")).text.splitlines()) == 1
    assert (await staff.get("/staff/figures/suggestions.xlsx")).content.startswith(b"PK")


async def test_an_unknown_format_is_refused(city: City) -> None:
    assert (await (await city.staff()).get("/staff/figures/suggestions.pdf")).status_code == 422


async def test_more_rows_than_are_read_at_once_come_whole_and_in_order(city: City) -> None:
    await city.scalar(
        "INSERT INTO suggestions (receipt, channel, lang, text, status, created_at, changed_at) "
        "SELECT 'GJ-TEST-' || n, 'web', 'ko', 'text ' || n, 'received', now(), now() "
        "FROM generate_series(1, 1201) AS n RETURNING 1"
    )
    response = await (await city.staff()).get("/staff/figures/suggestions.json")
    assert [row["text"] for row in response.json()] == [f"text {n}" for n in range(1, 1202)]


async def test_the_command_line_writes_the_same_table(city: City, database_url: str) -> None:
    await city.citizen().suggest(WORDS)
    console = await (await city.staff()).get("/staff/figures/suggestions.json")
    said = await asyncio.to_thread(export, database_url, "--format", "json")
    assert said.exit_code == 0, said.output
    assert json.loads(said.stdout_bytes) == console.json()


@pytest.mark.parametrize(("most", "top"), [(0, 4), (1, 4), (4, 4), (5, 8), (9, 12), (11, 20), (37, 40), (81, 100)])
def test_a_scale_ends_at_a_number_that_divides_into_four(most: int, top: int) -> None:
    assert scale_top(most) == top


def test_bars_are_as_high_as_their_share_of_the_scale() -> None:
    chart = columns(["a", "b"], {"one": [4, 0]}, tick_every=1)
    high, none = chart.series[0].bars
    assert (high.height, none.height) == (190, 0)
    assert [value for value, _ in chart.scale] == [0, 1, 2, 3, 4]
    assert [row.percent for row in rows({"a": 4, "b": 1})] == [100, 25]
