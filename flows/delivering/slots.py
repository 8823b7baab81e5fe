"""When an account may send: moments given out by one row, whoever asks from whichever process.

The generic cell rate algorithm (ITU-T I.371, Annex A) without a burst: slots stand one gap apart, and a slot that
nobody took is gone. The clock is the database's: those of several machines differ.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Float, cast, extract, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute

from flows.store import Database
from flows.store.tables.delivering import SendSlotRow


@dataclass(frozen=True, slots=True)
class Taken:
    """`count` slots, the first of them in `first_in_s`. None taken: nothing may be sent for so long."""

    count: int
    first_in_s: float


class Slots:
    """The slots of one account, `gap_s` apart."""

    def __init__(self, db: Database, account: str, gap_s: float) -> None:
        self._db, self._account, self.gap_s = db, account, gap_s

    async def take(self, count: int, *, within_s: float) -> Taken:
        """The next `count` slots; none when the account's next one is further away than `within_s`."""
        now, free_at, length = func.clock_timestamp(), SendSlotRow.free_at, timedelta(seconds=count * self.gap_s)
        taken = (
            insert(SendSlotRow)
            .values(account=self._account, free_at=now + length)
            .on_conflict_do_update(
                index_elements=["account"],
                set_={"free_at": func.greatest(free_at, now) + length},
                where=free_at <= now + timedelta(seconds=within_s),
            )
            .returning(_seconds_until(free_at))
        )
        async with self._db.transaction() as tx:
            free_in_s = await tx.scalar(taken)
            if free_in_s is None:
                held_s = await tx.scalar(select(_seconds_until(free_at)).where(SendSlotRow.account == self._account))
                return Taken(0, held_s or 0.0)
        return Taken(count, free_in_s - length.total_seconds())

    async def hold(self, seconds: float) -> None:
        """No slot for so long, in any process: the platform said so."""
        until = func.clock_timestamp() + literal(timedelta(seconds=seconds))
        row = insert(SendSlotRow).values(account=self._account, free_at=until)
        held = row.on_conflict_do_update(
            index_elements=["account"], set_={"free_at": func.greatest(SendSlotRow.free_at, until)}
        )
        async with self._db.transaction() as tx:
            await tx.execute(held)


def _seconds_until(moment: InstrumentedAttribute[datetime]) -> ColumnElement[float]:
    return cast(extract("epoch", moment - func.clock_timestamp()), Float)
