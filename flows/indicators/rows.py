"""Reading and writing the series and their numbers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both
from flows.errors import NotFound
from flows.indicators.values import Described, Entered, Former, Indicator, Observation, Origin, Written
from flows.store.tables.indicators import IndicatorRow, ObservationRow
from flows.wording import N_


class NoSuchIndicator(NotFound):
    message = N_("There are no figures under that name.")


async def all_of(tx: AsyncSession) -> list[Indicator]:
    """Every series in its order, those without a number too."""
    return await _read(tx)


async def shown(tx: AsyncSession, *, topic: str | None = None, commitment: str | None = None) -> list[Indicator]:
    """The series that have a number; of a topic or a commitment alone where one is given."""
    content, wanted = IndicatorRow.content, list[ColumnElement[bool]]()
    if topic is not None:
        wanted.append(content["topics"].contains([topic]))
    if commitment is not None:
        wanted.append(content["commitment"].astext == commitment)
    return [indicator for indicator in await _read(tx, *wanted) if indicator.observations]


async def get(tx: AsyncSession, code: str) -> Indicator:
    """A series that has a number. Raises NoSuchIndicator."""
    found = await _read(tx, IndicatorRow.code == code)
    if not (found and found[0].observations):
        raise NoSuchIndicator
    return found[0]


async def load_series(tx: AsyncSession, series: Mapping[str, Written], *, at: datetime) -> None:
    """Bring the files' series into the rows.

    What staff said or entered stays. A number that the files have changed or no longer have is replaced, and kept.
    """
    await lock(tx)
    in_force = await tx.scalars(select(ObservationRow).where(ObservationRow.replaced_at.is_(None)))
    there = {(row.indicator, row.period): row for row in in_force}
    for position, (code, written) in enumerate(series.items()):
        await describe(tx, code, written, position=position, by_staff=False)
        for point in written.entered:
            row = there.pop((code, point.period), None)
            if row is None or not (row.by_staff or _entered(row) == point):
                await enter(tx, code, point, by_staff=False, at=at)
    gone = [row.id for row in there.values() if not row.by_staff]
    await tx.execute(update(ObservationRow).where(ObservationRow.id.in_(gone)).values(replaced_at=at))


async def lock(tx: AsyncSession) -> None:
    """Until the transaction ends nobody else writes series or numbers. Reading goes on."""
    await tx.execute(text("LOCK TABLE indicators IN SHARE ROW EXCLUSIVE MODE"))


async def describe(
    tx: AsyncSession, code: str, described: Described, *, by_staff: bool, position: int | None = None
) -> None:
    """Say what a series is; a new one comes last unless `position` is given. What staff said outlives the files."""
    content = described.model_dump(mode="json", include=set(Described.model_fields))
    last = select(func.coalesce(func.max(IndicatorRow.position), -1) + 1).scalar_subquery()
    new = insert(IndicatorRow).values(
        code=code, position=last if position is None else position, content=content, by_staff=by_staff
    )
    await tx.execute(
        new.on_conflict_do_update(
            index_elements=["code"],
            set_={"content": content, "by_staff": by_staff} | ({} if position is None else {"position": position}),
            where=None if by_staff else IndicatorRow.by_staff.is_(False),
        )
    )


async def enter(tx: AsyncSession, code: str, point: Entered, *, by_staff: bool, at: datetime) -> None:
    """Put a number in force; one that is there is replaced, and kept."""
    before = update(ObservationRow).where(
        ObservationRow.indicator == code,
        ObservationRow.period == point.period,
        ObservationRow.replaced_at.is_(None),
    )
    await tx.execute(before.values(replaced_at=at))
    row = ObservationRow(
        indicator=code,
        period=point.period,
        value=point.value,
        as_of=point.as_of,
        source=point.source.model_dump(mode="json"),
        note=point.note.model_dump(mode="json") if point.note else None,
        by_staff=by_staff,
        written_at=at,
        replaced_at=None,
    )
    tx.add(row)
    await tx.flush()


async def _read(tx: AsyncSession, *wanted: ColumnElement[bool]) -> list[Indicator]:
    found = list(
        await tx.scalars(select(IndicatorRow).where(*wanted).order_by(IndicatorRow.position, IndicatorRow.code))
    )
    if not found:
        return []
    numbers: dict[str, dict[str, list[ObservationRow]]] = defaultdict(lambda: defaultdict(list))
    rows = select(ObservationRow).where(ObservationRow.indicator.in_([row.code for row in found]))
    for row in await tx.scalars(rows.order_by(ObservationRow.period, ObservationRow.id)):
        numbers[row.indicator][row.period].append(row)
    return [_indicator(row, numbers[row.code].values()) for row in found]


def _indicator(row: IndicatorRow, periods: Iterable[Sequence[ObservationRow]]) -> Indicator:
    described = Described.model_validate(row.content)
    in_force = (_observation(history) for history in periods if history[-1].replaced_at is None)
    return Indicator(row.code, described, tuple(in_force))


def _observation(history: Sequence[ObservationRow]) -> Observation:
    """`history`: all that ever stood for a period, oldest first."""
    *before, now = history
    former, value = [], now.value
    for row in reversed(before):
        if row.replaced_at is not None and row.value != value:
            former.append(Former(row.value, row.replaced_at))
            value = row.value
    entered = _entered(now)
    return Observation(now.period, now.value, entered.cited, entered.note, tuple(former))


def _entered(row: ObservationRow) -> Entered:
    return Entered(
        period=row.period,
        value=row.value,
        as_of=row.as_of,
        source=Origin(**row.source),
        note=Both(**row.note) if row.note else None,
    )
