"""Series and numbers from a spreadsheet of staff: what it would change, cell by cell, and then all of it or nothing."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts
from flows.accounts import Staff
from flows.errors import Conflict
from flows.indicators.reading import NO_TABLE, Fault, Known, Reader, table_of
from flows.indicators.rows import all_of, describe, enter, lock
from flows.indicators.values import Described, Entered, Indicator, Observation
from flows.sheets import Sheet
from flows.wording import N_


class ImportMoved(Conflict):
    """Somebody else changed the figures after the preview."""

    message = N_("The figures have changed since you looked. Please look at the preview once more.")


@dataclass(frozen=True, slots=True)
class SeriesMove:
    """A series that would be there first, or be said otherwise."""

    code: str
    before: Described | None
    after: Described


@dataclass(frozen=True, slots=True)
class NumberMove:
    """A number that would be there first, or take the place of another."""

    code: str
    described: Described
    before: Observation | None
    after: Entered

    @property
    def is_correction(self) -> bool:
        return self.before is not None and self.before.value != self.after.value


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would do. With a fault it can do nothing."""

    series: Sequence[SeriesMove]
    numbers: Sequence[NumberMove]
    same: int
    faults: Sequence[Fault]
    skipped: Sequence[str]  # sheets that are no table of ours

    @property
    def is_ready(self) -> bool:
        return not self.faults and bool(self.series or self.numbers)

    @property
    def mark(self) -> str:
        """The same for the same moves, so that what is confirmed is what was shown."""
        return hashlib.sha256(repr((self.series, self.numbers)).encode()).hexdigest()


async def preview(tx: AsyncSession, sheets: Sequence[Sheet], known: Known) -> Preview:
    """Compare a file with what there is; nothing is written."""
    there = {indicator.code: indicator for indicator in await all_of(tx)}
    reader = Reader(known, [*there.values()])
    tables = [table for sheet in sheets if (table := table_of(sheet))]
    # Series first, wherever they stand: their numbers may be on a sheet before them.
    for table in sorted(tables, key=lambda table: table.has_numbers):
        reader.read(table)
    if not tables:
        reader.faults.append(Fault(sheets[0].name if sheets else "", "A1", NO_TABLE))
    series = [
        SeriesMove(code, former, said)
        for code, said in reader.said.items()
        if (former := there[code].described if code in there else None) != said
    ]
    moves = [
        NumberMove(code, reader.described[code], _in_force(there.get(code), period), entered)
        for (code, period), entered in reader.numbers.items()
    ]
    numbers = [move for move in moves if not _is_same(move)]
    read = {table.sheet.name for table in tables}
    skipped = [sheet.name for sheet in sheets if sheet.rows and sheet.name not in read]
    return Preview(series, numbers, len(moves) - len(numbers), reader.faults, skipped if tables else ())


async def take_in(
    tx: AsyncSession,
    sheets: Sequence[Sheet],
    known: Known,
    *,
    seen: str | None,
    by: Staff | None,
    at: datetime,
) -> Preview:
    """Do what a file says, all of it; with a fault in it, nothing.

    `seen`: the mark of the preview that was confirmed, or None where nobody was asked. Raises ImportMoved.
    """
    await lock(tx)
    found = await preview(tx, sheets, known)
    if seen is not None and seen != found.mark:
        raise ImportMoved
    if not found.is_ready:
        return found
    for series in found.series:
        await describe(tx, series.code, series.after, by_staff=True)
        await accounts.audit(
            tx,
            by,
            "indicator.described",
            series.code,
            before={"title": series.before.title.en, "unit": series.before.unit.en} if series.before else None,
            after={"title": series.after.title.en, "unit": series.after.unit.en},
            at=at,
        )
    for move in found.numbers:
        await enter(tx, move.code, move.after, by_staff=True, at=at)
        await accounts.audit(
            tx,
            by,
            "indicator.corrected" if move.is_correction else "indicator.entered",
            f"{move.code}/{move.after.period}",
            before={"value": str(move.before.value), "as_of": move.before.source.as_of} if move.before else None,
            after={"value": str(move.after.value), "as_of": move.after.as_of},
            at=at,
        )
    return found


def row_of(indicator: Indicator, it: Observation) -> list[str | int | float | None]:
    """A number in force as a row under COLUMNS."""
    said, note = indicator.described, it.note
    value = float(it.value) if said.decimals else int(it.value)
    source = it.source
    return [
        *(indicator.code, it.period, value, source.as_of, source.title, source.url),
        *(note.ko if note else None, note.en if note else None),
        *(said.title.ko, said.title.en, said.unit.ko, said.unit.en),
    ]


def _in_force(indicator: Indicator | None, period: str) -> Observation | None:
    return next((it for it in indicator.observations if it.period == period), None) if indicator else None


def _is_same(move: NumberMove) -> bool:
    before, after = move.before, move.after
    return before is not None and (before.value, before.source, before.note) == (after.value, after.cited, after.note)
