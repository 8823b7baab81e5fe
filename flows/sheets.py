"""Tables that staff made in a spreadsheet: XLSX, and CSV as Excel writes it in Korea and elsewhere."""

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook

from flows.errors import Invalid
from flows.wording import N_

type Cell = str | int | float | bool | date | time | timedelta

FILE_MOST_BYTES = 512 * 1024
UNPACKED_MOST_BYTES = 32 * 1024 * 1024
ROWS_MOST = 5_000
ENCODINGS = ("utf-8-sig", "cp949")  # what Excel calls "CSV UTF-8", and "CSV" on a Korean Windows
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")  # Excel's "Unicode text"
SEPARATORS = ",;\t"
SHEET_PARTS = "xl/worksheets/"
# A cell from column BA or row 10,000 on. The reader makes room for all up to the furthest cell, 17 thousand million.
FAR_CELL = re.compile(rb'\sr="(?:(?:[B-Z][A-Z]|[A-Z]{3})\d+|[A-Z]*\d{5,})"')


class SheetsUnreadable(Invalid):
    field = "file"
    message = N_("This file could not be read as a table. Please save it as XLSX or CSV and choose it again.")


class SheetsTooLarge(Invalid):
    field = "file"
    message = N_("Please choose a file of at most {kilobytes} kB and {rows} rows.")

    def __init__(self) -> None:
        super().__init__(kilobytes=FILE_MOST_BYTES // 1024, rows=ROWS_MOST)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it stands; an empty cell is "". A formula is what the spreadsheet last calculated."""

    name: str
    rows: Sequence[Sequence[Cell]]


def read_sheets(data: bytes) -> list[Sheet]:
    """Every sheet of a file; a CSV is one without a name. Blocks. Raises SheetsUnreadable, SheetsTooLarge."""
    if len(data) > FILE_MOST_BYTES:
        raise SheetsTooLarge
    sheets = read_book(data) if data.startswith(b"PK") else [Sheet("", _csv(data))]
    if sum(len(sheet.rows) for sheet in sheets) > ROWS_MOST:
        raise SheetsTooLarge
    return sheets


def read_book(data: bytes) -> list[Sheet]:
    """Every sheet of an XLSX file, each up to a row more than may be. Blocks.

    Raises SheetsUnreadable, SheetsTooLarge.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            _check_size(packed)
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            names = book.sheet_names
            return [
                Sheet(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=ROWS_MOST + 1))
                for name in names
            ]
    except (CalamineError, zipfile.BadZipFile, ValueError, OSError):
        raise SheetsUnreadable from None


def cell_name(row: int, column: int) -> str:
    """What a spreadsheet calls a cell, counted from 0: `C5`."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def _check_size(packed: zipfile.ZipFile) -> None:
    parts = packed.infolist()
    if sum(part.file_size for part in parts) > UNPACKED_MOST_BYTES:
        raise SheetsTooLarge
    sheets = [part for part in parts if part.filename.startswith(SHEET_PARTS)]
    if not sheets:
        raise SheetsUnreadable
    if any(FAR_CELL.search(packed.read(part)) for part in sheets):
        raise SheetsTooLarge


def _csv(data: bytes) -> list[list[str]]:
    written = _decoded(data)
    if "\0" in written:
        raise SheetsUnreadable
    first = written.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    try:
        return list(csv.reader(io.StringIO(written, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        raise SheetsUnreadable from None


def _decoded(data: bytes) -> str:
    for encoding in ("utf-16",) if data.startswith(UTF_16_MARKS) else ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetsUnreadable
