"""A plan as a spreadsheet: a sheet for each kind of entry, a row for each entry, all cells as text.

Read with calamine, which takes no formula, no macro and no link from a book: only what its cells showed last.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

from flows.commitments.documents import PlanDocument
from flows.commitments.faults import Fault, Path, Wrong
from flows.commitments.values import EvidenceKind, MilestoneState, OgpLevel, Status
from flows.sheets import ROWS_MOST, Cell, SheetsTooLarge, SheetsUnreadable, read_book
from flows.wording import N_, Lang, text

CELL_MOST_CHARS = 4_000
WIDTHS = {"summary": 60, "title": 40, "url": 40, "partner": 40, "city": 25, "lead": 40}

type Columns = dict[str, Path]
type Raw = dict[str, Any]  # as a YAML file has it: a tree of texts, checked by the document


def _both(name: str) -> Columns:
    return {f"{name}_ko": (name, "ko"), f"{name}_en": (name, "en")}


PERIOD: Columns = {"start": ("period", "start"), "end": ("period", "end")}
TITLE: Columns = _both("title") | {"title_ko_official": ("title_ko_official",)}
SOURCE: Columns = {"title": ("title",), "url": ("url",), "as_of": ("as_of",)}
LEVEL: Columns = {"level": ("level", "level")} | {f"level_{n}": ("level", "source", *p) for n, p in SOURCE.items()}
STATUS: Columns = {"status": ("status",), "status_as_of": ("status_as_of",)}
COMMITMENT, MILESTONE = "commitment", "milestone"  # to which the entry of a row belongs

PLAN, COMMITMENTS, PARTNERS, SOURCES = "Plan", "Commitments", "Partners", "Sources"
MILESTONES, EVIDENCE = "Milestones", "Evidence"
SHEETS: dict[str, Columns] = {
    PLAN: {"code": ("code",), **TITLE, **PERIOD, **_both("city")},
    COMMITMENTS: {
        "code": ("code",),
        **TITLE,
        **_both("short"),
        **_both("summary"),
        **PERIOD,
        **_both("lead"),
        "values": ("values",),
        **STATUS,
        **LEVEL,
    },
    PARTNERS: {COMMITMENT: (), "partner_ko": ("ko",), "partner_en": ("en",)},
    SOURCES: {COMMITMENT: (), **SOURCE},
    MILESTONES: {
        COMMITMENT: (),
        "number": ("number",),
        **_both("title"),
        "due": ("due",),
        "state": ("state",),
        "done": ("done",),
    },
    EVIDENCE: {
        COMMITMENT: (),
        MILESTONE: (),
        "kind": ("kind",),
        "date": ("date",),
        **_both("title"),
        "url": ("url",),
        "value": ("value",),
        **_both("unit"),
        "file": ("file",),
    },
}
MAY_BE_MISSING = (MILESTONES, EVIDENCE)  # both: the milestones that are there then stay as they are
CHOICES = {"status": Status, "level": OgpLevel, "state": MilestoneState, "kind": EvidenceKind}
NOWHERE = ""  # how the path of a fault begins that is of no entry
PARTIAL = ("start", "end", "as_of", "status_as_of", "level_as_of")


class NoBook(Exception):
    """Not a spreadsheet that can be read."""


@dataclass(frozen=True, slots=True)
class Cells:
    """Where in the book each entry of the document came from."""

    rows: dict[Path, tuple[str, int]]

    def place(self, path: Path, lang: Lang) -> str:
        """The cell of a field, in words."""
        entry = path
        while entry not in self.rows and entry:
            entry = entry[:-1]
        field = path[len(entry) :]
        sheet, row = self.rows.get(entry, (_sheet_of(path), 0))
        column = next((name for name, inside in SHEETS[sheet].items() if _is_at(inside, field)), None)
        if entry[:1] == (NOWHERE,):
            column = str(path[-1])
        if column is None and field:  # of no row, but of all: a sheet that is missing, or empty
            return text(lang, N_("Sheet {sheet}"), sheet=_sheet_of(path))
        if column is None:
            return text(lang, N_("Sheet {sheet}, row {row}"), sheet=sheet, row=row)
        return text(lang, N_("Sheet {sheet}, row {row}, column {column}"), sheet=sheet, row=row, column=column)


def written(document: PlanDocument) -> bytes:
    """The plan as an XLSX file. Nothing in it becomes a formula or a link."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        # As text: a spreadsheet would make a date of its own out of 2021-08.
        cell, head = (
            book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
            book.add_format({"bold": True}),
        )
        for name, columns in SHEETS.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, list(columns), head)
            sheet.ignore_errors({"number_stored_as_text": "A1:Z9999"})
            for number, column in enumerate(columns):
                sheet.set_column(number, number, WIDTHS.get(column.rpartition("_")[0] or column, 14), cell)
                if column in CHOICES:
                    chosen = {"validate": "list", "source": [state.value for state in CHOICES[column]]}
                    sheet.data_validation(1, number, ROWS_MOST, number, chosen)
            for number, row in enumerate(_rows(name, document.model_dump(mode="json")), 1):
                for place, shown in enumerate(row):
                    sheet.write_string(number, place, shown, cell)
    return out.getvalue()


def read(data: bytes) -> tuple[Raw, Cells, list[Fault]]:
    """The tree that a YAML file would have held, where its entries stood, and what does not fit together.

    Raises NoBook.
    """
    try:
        tables = {sheet.name: sheet.rows for sheet in read_book(data) if sheet.name in SHEETS}
    except (SheetsUnreadable, SheetsTooLarge) as broken:
        raise NoBook from broken
    if any(len(rows) > ROWS_MOST for rows in tables.values()):
        raise NoBook
    return _Reading(tables).result()


class _Reading:
    """Puts the rows of all sheets together to one tree."""

    def __init__(self, tables: dict[str, Sequence[Sequence[Cell]]]) -> None:
        self.rows: dict[Path, tuple[str, int]] = {}
        self.faults: list[Fault] = []
        self.plan: Raw = {"sources": [], "commitments": []}
        self.tables = tables
        self.by_code: dict[str, tuple[Raw, Path]] = {}
        self.by_number: dict[tuple[str, str], tuple[Raw, Path]] = {}

    def result(self) -> tuple[Raw, Cells, list[Fault]]:
        told = MILESTONES in self.tables
        for name in SHEETS:
            if name not in self.tables and (name not in MAY_BE_MISSING or told != (EVIDENCE in self.tables)):
                self.faults.append(Fault((NOWHERE, name), Wrong(N_("This sheet is missing."))))
        if self.faults:
            return {}, Cells(self.rows), self.faults
        for row, entry, _ in self._entries(PLAN):
            self.rows[()] = (PLAN, row)
            self.plan |= entry
        for row, entry, _ in self._entries(COMMITMENTS):
            values = [value.strip() for value in entry.get("values", "").split(",") if value.strip()]
            lists: Raw = {"values": values, "partners": [], "sources": []} | ({"milestones": []} if told else {})
            entry.update(lists)
            path = self._put(self.plan["commitments"], ("commitments",), entry, COMMITMENTS, row)
            self.by_code.setdefault(entry.get("code", ""), (entry, path))
        for name in (SOURCES, PARTNERS, MILESTONES):
            self._read_lists(name)
        self._read_evidence()
        return self.plan, Cells(self.rows), self.faults

    def _read_lists(self, name: str) -> None:
        """What belongs to a commitment, or, of the sources, to the plan where no commitment is named."""
        field = name.lower()
        for row, entry, owner in self._entries(name):
            if name == SOURCES and COMMITMENT not in owner:
                self._put(self.plan[field], (field,), entry, name, row)
            elif it := self._commitment(owner, name, row):
                path = self._put(it[0].setdefault(field, []), (*it[1], field), entry, name, row)
                if name == MILESTONES:
                    entry["evidence"] = []
                    self.by_number.setdefault((owner[COMMITMENT], entry.get("number", "")), (entry, path))

    def _read_evidence(self) -> None:
        for row, entry, owner in self._entries(EVIDENCE):
            if not self._commitment(owner, EVIDENCE, row):
                continue
            number = owner.get(MILESTONE, "")
            it = self.by_number.get((owner[COMMITMENT], number)) if number else None
            if it is None:
                lost = N_("There is no milestone {number} of {code} in this file.")
                self._fault(EVIDENCE, row, MILESTONE, lost, number=number, code=owner[COMMITMENT])
            else:
                self._put(it[0]["evidence"], (*it[1], "evidence"), entry, EVIDENCE, row)

    def _entries(self, name: str) -> Iterator[tuple[int, Raw, dict[str, str]]]:
        """The number of each row that is not empty, its entry, and the columns that say to what it belongs."""
        first, *others = self.tables.get(name) or [[]]
        columns = [_cell("", cell) for cell in first]
        for column in columns:
            if column and column not in SHEETS[name]:
                self._fault(name, 1, column, N_("This column is not known here."))
        for number, cells in enumerate(others, 2):
            entry: Raw = {}
            owner: dict[str, str] = {}
            for column, raw in zip(columns, cells, strict=False):
                shown = _cell(column, raw)
                if not shown or column not in SHEETS[name]:
                    continue
                if path := SHEETS[name][column]:
                    _set(entry, path, shown)
                else:
                    owner[column] = shown
            if entry or owner:
                yield number, entry, owner

    def _commitment(self, owner: dict[str, str], sheet: str, row: int) -> tuple[Raw, Path] | None:
        code = owner.get(COMMITMENT, "")
        if code not in self.by_code or not code:
            self._fault(sheet, row, COMMITMENT, N_("There is no commitment {code} in this file."), code=code)
            return None
        return self.by_code[code]

    def _put(self, entries: list[Raw], path: Path, entry: Raw, sheet: str, row: int) -> Path:
        here = (*path, len(entries))
        entries.append(entry)
        self.rows[here] = (sheet, row)
        return here

    def _fault(self, sheet: str, row: int, column: str, msgid: str, **params: object) -> None:
        """Of a cell that no entry of the document came from."""
        entry: Path = (NOWHERE, sheet, row)
        self.rows[entry] = (sheet, row)
        self.faults.append(Fault((*entry, column), Wrong(msgid, **params)))


def _cell(column: str, raw: object) -> str:
    if isinstance(raw, datetime):
        raw = raw.date()
    if isinstance(raw, date):
        # 2021-08, typed into a cell that is not text, is kept as the first of the month.
        return raw.isoformat()[: 7 if column in PARTIAL and raw.day == 1 else 10]
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw).strip()[:CELL_MOST_CHARS]


def _set(entry: Raw, path: Path, shown: str) -> None:
    *outer, last = path
    for name in outer:
        entry = entry.setdefault(str(name), {})
    entry[str(last)] = shown


def _rows(sheet: str, plan: Raw) -> Iterator[list[str]]:
    columns = SHEETS[sheet]
    for owner, entry in _entries(sheet, plan):
        yield [owner.get(column, "") if not path else _get(entry, path) for column, path in columns.items()]


def _entries(sheet: str, plan: Raw) -> Iterator[tuple[dict[str, str], Raw]]:
    if sheet == PLAN:
        yield {}, plan
    if sheet == SOURCES:
        yield from (({}, source) for source in plan["sources"])
    for c in plan["commitments"]:
        owner = {COMMITMENT: c["code"]}
        if sheet == COMMITMENTS:
            yield {}, c | {"values": ", ".join(c["values"])}
        elif sheet in (PARTNERS, SOURCES, MILESTONES):
            yield from ((owner, entry) for entry in c[sheet.lower()] or ())
        elif sheet == EVIDENCE:
            for m in c["milestones"] or ():
                yield from ((owner | {MILESTONE: str(m["number"])}, e) for e in m["evidence"])


def _get(entry: Raw | None, path: Path) -> str:
    found: Any = entry
    for name in path:
        found = None if found is None else found[name]
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None else str(found)


def _is_at(inside: Path, field: Path) -> bool:
    return bool(inside) and bool(field) and inside[: len(field)] == field[: len(inside)]


def _sheet_of(path: Path) -> str:
    kinds = {"commitments": COMMITMENTS, "sources": SOURCES, "milestones": MILESTONES, "partners": PARTNERS}
    named = [kinds[part] for part in path if part in kinds]
    return str(path[1]) if path[:1] == (NOWHERE,) else named[-1] if named else PLAN
