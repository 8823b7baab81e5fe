"""Tables to take away: CSV that Excel opens, XLSX, JSON. Written row by row, so that a long one takes little memory."""

import asyncio
import csv
import io
import json
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Literal

import xlsxwriter

type Format = Literal["csv", "xlsx", "json"]
type Cell = str | int | float | bool | None
type Rows = AsyncIterator[Sequence[Cell]]

MEDIA_TYPES: dict[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
BOM = "\ufeff"  # without it, Excel takes the Korean of a CSV for another encoding
STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # OWASP, CSV Injection
GATHERED = 200  # rows at a time: a thread or a network packet for each would cost more than the row
PIECE_BYTES = 64 * 1024


def written(form: Format, names: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
    """The table as bytes, piece by piece."""
    return WRITERS[form](names, rows)


async def _csv(names: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
    yield (BOM + _line(names)).encode()
    async for some in _gathered(rows):
        yield "".join(_line([_defused(cell) for cell in row]) for row in some).encode()


async def _json(names: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
    before = "[\n"
    async for some in _gathered(rows):
        objects = (json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) for row in some)
        yield (before + ",\n".join(objects)).encode()
        before = ",\n"
    yield b"[]\n" if before == "[\n" else b"\n]\n"


async def _xlsx(names: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        # Texts are written as texts: nothing that a citizen wrote becomes a formula or a link.
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": folder}
        book = xlsxwriter.Workbook(path, options)
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, names)
        number = 1
        async for some in _gathered(rows):
            await asyncio.to_thread(_write_rows, sheet, number, some)
            number += len(some)
        await asyncio.to_thread(book.close)
        with path.open("rb") as made:
            while piece := made.read(PIECE_BYTES):
                yield piece


def _write_rows(sheet: xlsxwriter.workbook.Worksheet, first: int, rows: Sequence[Sequence[Cell]]) -> None:
    for number, row in enumerate(rows, first):
        sheet.write_row(number, 0, row)


async def _gathered(rows: Rows) -> AsyncIterator[list[Sequence[Cell]]]:
    some: list[Sequence[Cell]] = []
    async for row in rows:
        some.append(row)
        if len(some) == GATHERED:
            yield some
            some = []
    if some:
        yield some


def _line(cells: Sequence[Cell]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _defused(cell: Cell) -> Cell:
    """A text that a spreadsheet would run as a formula, made a text by an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(STARTS_FORMULA) else cell


WRITERS: dict[Format, Callable[[Sequence[str], Rows], AsyncIterator[bytes]]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
}
