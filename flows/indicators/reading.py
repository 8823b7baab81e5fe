"""The cells of a spreadsheet as series and numbers, and what is wrong in which of them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from pydantic import ValidationError

from flows.city import Both
from flows.indicators.values import (
    CODE,
    DECIMALS_MOST,
    EXAMPLES,
    LARGEST,
    Described,
    Entered,
    Every,
    Indicator,
    Origin,
    decimals,
    is_period,
)
from flows.messages import clean
from flows.sheets import Cell, Sheet, cell_name
from flows.topics import first_day
from flows.wording import N_, Lang, text

NUMBER_COLUMNS = ("code", "period", "value", "as_of", "source_title", "source_url", "note_ko", "note_en")
SERIES_COLUMNS = (
    *("code", "title_ko", "title_en", "unit_ko", "unit_en", "decimals", "every", "about_ko", "about_en"),
    *("source_title", "source_url", "commitment", "topics"),
)
NUMBERS_NEED = ("code", "period", "value", "as_of")
SERIES_NEED = ("code", "title_ko", "title_en", "unit_ko", "unit_en", "every", "about_ko", "about_en", "source_title")
# What a table to take away has: a row can be read without any other, and read in again.
COLUMNS = (*NUMBER_COLUMNS, "title_ko", "title_en", "unit_ko", "unit_en")
HEADINGS_KO = {
    "지표코드": "code",
    "기간": "period",
    "값": "value",
    "기준일": "as_of",
    "출처": "source_title",
    "출처주소": "source_url",
    "비고": "note_ko",
    "비고(영어)": "note_en",
    "이름": "title_ko",
    "이름(영어)": "title_en",
    "단위": "unit_ko",
    "단위(영어)": "unit_en",
    "소수자릿수": "decimals",
    "주기": "every",
    "설명": "about_ko",
    "설명(영어)": "about_en",
    "공약": "commitment",
    "주제": "topics",
}
EVERY_KO = {"년": Every.YEAR, "연": Every.YEAR, "월": Every.MONTH}
NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", re.ASCII)
STARTS_FORMULA = "="
TEXT_MOST_CHARS = 1_000
FLOAT_DIGITS = 15  # that a number of a spreadsheet is good for; after them comes 0.1 + 0.2 = 0.30000000000000004


NO_TABLE = N_(
    "No table was found. Its first row must name columns: “code” and “period” for figures, "
    "“code” and “title_ko” for series."
)
NO_COLUMN = N_("The column “{name}” is missing.")
UNKNOWN_COLUMN = N_("There is no column of this name. Please mend or remove it.")
MISSING = N_("Nothing is written here.")
ONE_LANGUAGE = N_("Please write this in both languages, or in neither.")
TOO_LONG = N_("Please keep this to {most} characters.")
NO_SERIES = N_("There is no series of this code. Please enter the series first, or put it into the same file.")
BAD_CODE = N_("A code is 2 to 40 lower-case letters, digits and _, and begins with a letter.")
BAD_PERIOD = N_("This series has a number for each year or month written like this: {example}.")
BAD_DATE = N_("Please write the date like 2024, 2024-06 or 2024-06-30.")
BAD_NUMBER = N_("This is not a number. Please write only the number, such as 1234.5; the unit belongs to the series.")
FORMULA = N_("This is a formula. Please put the number in its place, or save the file as XLSX.")
TOO_LARGE = N_("This number is too large to be kept.")
TOO_PRECISE = N_("This series shows {most} digits after the point. Please round the number, or change the series.")
BAD_DECIMALS = N_("Please write how many digits are shown after the point: 0 to {most}.")
BAD_EVERY = N_("Please write “year” or “month”.")
EVERY_KEPT = N_("This series has numbers already, so it stays by year or by month as it is.")
BAD_ADDRESS = N_("A web address begins with https:// or http:// and has no blanks.")
NO_TOPIC = N_("There is no topic “{topic}”.")
NO_COMMITMENT = N_("There is no commitment {code}.")
TWICE = N_("This is in the file twice; it stands in {cell} already.")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a cell. `sheet` is "" for a CSV."""

    sheet: str
    cell: str
    message: str
    params: Mapping[str, object] = field(default_factory=dict)

    def said(self, lang: Lang) -> str:
        return text(lang, self.message, **self.params)


@dataclass(frozen=True, slots=True)
class Known:
    """What a series may belong to: the topics and the commitments that there are."""

    topics: Set[str]
    commitments: Set[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with a row of headings: which column is where."""

    sheet: Sheet
    head: int
    columns: Mapping[str, int]
    unknown: Sequence[int]

    @property
    def has_numbers(self) -> bool:
        return "period" in self.columns


def table_of(sheet: Sheet) -> Table | None:
    """None for a sheet that is about something else."""
    head = next((at for at, row in enumerate(sheet.rows) if any(cell != "" for cell in row)), None)
    if head is None:
        return None
    headings = [re.sub(r"\s+", "", _text(cell)).lower() for cell in sheet.rows[head]]
    names = [HEADINGS_KO.get(heading, heading) for heading in headings]
    columns = {name: at for at, name in reversed([*enumerate(names)]) if name}
    if "code" not in columns or not {"period", "title_ko"} & columns.keys():
        return None
    known = {*NUMBER_COLUMNS, *SERIES_COLUMNS} if "period" in columns else {*SERIES_COLUMNS}
    unknown = [at for at, name in enumerate(names) if name and (name not in known or columns[name] != at)]
    return Table(sheet, head, columns, unknown)


class Reader:
    """Reads tables, cell by cell, and notes what is wrong."""

    def __init__(self, known: Known, there: Sequence[Indicator]) -> None:
        """`there`: the series that there are already."""
        self._known = known
        self._kept_every = {indicator.code: indicator.described.every for indicator in there if indicator.observations}
        self.described = {indicator.code: indicator.described for indicator in there}
        self.said: dict[str, Described] = {}
        self.numbers: dict[tuple[str, str], Entered] = {}
        self.faults: list[Fault] = []
        self._stands: dict[tuple[str, str], str] = {}

    def read(self, table: Table) -> None:
        needed = (
            ("code", "period", "value", "as_of") if table.has_numbers else SERIES_COLUMNS[:5] + SERIES_COLUMNS[6:10]
        )
        before = len(self.faults)
        for name in (name for name in needed if name not in table.columns):
            self._fault(table, table.head, 0, NO_COLUMN, name=name)
        for at in table.unknown:
            self._fault(table, table.head, at, UNKNOWN_COLUMN)
        if len(self.faults) > before:
            return
        for number, cells in enumerate(table.sheet.rows[table.head + 1 :], table.head + 1):
            if all(_text(cell) == "" for cell in cells):
                continue
            row = _Row(self, table, number, cells)
            if table.has_numbers:
                self._number(row)
            else:
                self._series(row)

    def _number(self, row: "_Row") -> None:
        before = len(self.faults)
        code = row.needed("code")
        said = self.described.get(code)
        if said is None:
            if code:
                row.fault("code", NO_SERIES)
            return
        period = row.period(said.every)
        value = row.value(said.decimals)
        as_of = row.day("as_of")
        source = row.origin()
        note = row.both("note_ko", "note_en")
        if (
            period
            and not self._is_second(row, (code, period), "period")
            and value is not None
            and before == len(self.faults)
        ):
            origin = source or said.source
            self.numbers[code, period] = Entered(period=period, value=value, as_of=as_of, source=origin, note=note)

    def _series(self, row: "_Row") -> None:
        before = len(self.faults)
        code = row.needed("code")
        if code and not re.match(CODE, code):
            row.fault("code", BAD_CODE)
        pairs = [Both(ko=row.needed(f"{name}_ko"), en=row.needed(f"{name}_en")) for name in ("title", "unit", "about")]
        every, shown, topics, commitment = row.every(), row.decimals(), row.words("topics"), row.text("commitment")
        if every is not None and self._kept_every.get(code, every) != every:
            row.fault("every", EVERY_KEPT)
        row.needed("source_title")
        source = row.origin()
        for topic in topics:
            if topic not in self._known.topics:
                row.fault("topics", NO_TOPIC, topic=topic)
        if commitment and commitment not in self._known.commitments:
            row.fault("commitment", NO_COMMITMENT, code=commitment)
        if self._is_second(row, (code, ""), "code") or before < len(self.faults) or every is None or source is None:
            return
        title, unit, about = pairs
        self.said[code] = self.described[code] = Described(
            title=title,
            unit=unit,
            decimals=shown,
            every=every,
            about=about,
            source=source,
            commitment=commitment or None,
            topics=topics,
        )

    def _is_second(self, row: "_Row", key: tuple[str, str], column: str) -> bool:
        if key in self._stands:
            row.fault(column, TWICE, cell=self._stands[key])
            return True
        self._stands[key] = row.place(column)
        return False

    def _fault(self, table: Table, row: int, column: int, message: str, **params: object) -> None:
        self.faults.append(Fault(table.sheet.name, cell_name(row, column), message, params))


@dataclass(frozen=True, slots=True)
class _Row:
    """One row; each method reads a cell, and notes a fault where it is not as it should be."""

    reader: Reader
    table: Table
    at: int
    cells: Sequence[Cell]

    def cell(self, column: str) -> Cell:
        at = self.table.columns.get(column)
        return self.cells[at] if at is not None and at < len(self.cells) else ""

    def place(self, column: str) -> str:
        sheet = f"{self.table.sheet.name} " if self.table.sheet.name else ""
        return f"{sheet}{cell_name(self.at, self.table.columns.get(column, 0))}"

    def fault(self, column: str, message: str, **params: object) -> None:
        self.reader._fault(self.table, self.at, self.table.columns.get(column, 0), message, **params)

    def text(self, column: str) -> str:
        written = _text(self.cell(column))
        if len(written) > TEXT_MOST_CHARS:
            self.fault(column, TOO_LONG, most=TEXT_MOST_CHARS)
        return written

    def needed(self, column: str) -> str:
        written = self.text(column)
        if not written:
            self.fault(column, MISSING)
        return written

    def words(self, column: str) -> tuple[str, ...]:
        return tuple(word for word in re.split(r"[,;\s]+", self.text(column)) if word)

    def both(self, ko: str, en: str) -> Both | None:
        written = Both(ko=self.text(ko), en=self.text(en))
        if bool(written.ko) != bool(written.en):
            self.fault(en if written.ko else ko, ONE_LANGUAGE)
        return written if written.ko and written.en else None

    def origin(self) -> Origin | None:
        title, url = self.text("source_title"), self.text("source_url")
        try:
            return Origin(title=title, url=url or None) if title else None
        except ValidationError:
            self.fault("source_url", BAD_ADDRESS)
            return None

    def every(self) -> Every | None:
        written = self.text("every").lower()
        found = EVERY_KO.get(written) or next((every for every in Every if every == written), None)
        if found is None:
            self.fault("every", BAD_EVERY)
        return found

    def decimals(self) -> int:
        written = self.text("decimals") or "0"
        if written.isascii() and written.isdigit() and int(written) <= DECIMALS_MOST:
            return int(written)
        self.fault("decimals", BAD_DECIMALS, most=str(DECIMALS_MOST))
        return 0

    def period(self, every: Every) -> str:
        cell = self.cell("period")
        written = f"{cell:%Y-%m}" if isinstance(cell, date) else _dashed(_text(cell))
        if not written:
            self.fault("period", MISSING)
        elif not is_period(written, every):
            self.fault("period", BAD_PERIOD, example=EXAMPLES[every])
            return ""
        return written

    def day(self, column: str) -> str:
        written = _dashed(self.needed(column))
        try:
            if written:
                first_day(written)
        except ValueError:
            self.fault(column, BAD_DATE)
        return written

    def value(self, shown: int) -> Decimal | None:
        cell = self.cell("value")
        number, wrong = _number(cell)
        if number is None:
            self.fault("value", wrong)
        elif abs(number) >= LARGEST:
            self.fault("value", TOO_LARGE)
        elif decimals(number) > shown:
            self.fault("value", TOO_PRECISE, most=shown)
        return number


def _number(cell: Cell) -> tuple[Decimal | None, str]:
    """The number in a cell, or why there is none."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return Decimal(f"{cell:.{FLOAT_DIGITS}g}"), ""
    if not isinstance(cell, str):
        return None, BAD_NUMBER  # 1-2 that a spreadsheet took for a day, or TRUE
    written = unicodedata.normalize("NFKC", clean(cell)).replace("−", "-")
    if not written:
        return None, MISSING
    if written.startswith(STARTS_FORMULA):
        return None, FORMULA
    return (Decimal(written.replace(",", "")), "") if NUMBER.fullmatch(written) else (None, BAD_NUMBER)


def _dashed(written: str) -> str:
    """A year, month or day as people write it (`2024년 6월`, `2024.6.`, `2024/06`), as `2024-06`; else as it is."""
    parts = [part for part in re.split(r"[-./년월일\s]+", unicodedata.normalize("NFKC", written)) if part]
    if not 1 <= len(parts) <= 3 or not all(part.isascii() and part.isdigit() for part in parts):
        return written
    return "-".join([parts[0], *(part.zfill(2) for part in parts[1:])])


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return clean(str(cell))
