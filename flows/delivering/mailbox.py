"""The web chat's side of delivering: a message waits in a row until the browser asks for it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.delivering.parcels import Outcome, Parcel
from flows.messages import Choice, CitizenId
from flows.store import Database
from flows.store.tables.delivering import MailRow

MAIL_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Mail:
    """A message pushed to a web chat, with its buttons. `update` names the progress update that it tells of, if one."""

    id: int
    text: str
    choices: tuple[Choice, ...]
    sent_at: datetime
    kind: str
    update: str | None


class Mailbox:
    """The sender of the web chat."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now

    async def send(self, parcel: Parcel) -> Outcome:
        row = insert(MailRow).values(
            address=parcel.address,
            citizen_id=parcel.citizen,
            delivery_id=parcel.delivery,
            kind=parcel.kind,
            subject=parcel.subject,
            text=parcel.reply.text,
            choices=[asdict(choice) for choice in parcel.reply.choices] or None,
            sent_at=self._now(),
        )
        async with self._db.transaction() as tx:
            await tx.execute(row.on_conflict_do_nothing())
        return Outcome("sent")


async def mail_for(tx: AsyncSession, address: str, *, after: int = 0) -> list[Mail]:
    """What was pushed to this web session, oldest first, from the id after `after`."""
    rows = select(MailRow).where(MailRow.address == address, MailRow.id > after).order_by(MailRow.id)
    return [
        Mail(
            id=row.id,
            text=row.text,
            choices=tuple(Choice(**choice) for choice in row.choices or ()),
            sent_at=row.sent_at,
            kind=row.kind,
            update=row.subject if row.kind in ("update", "correction") else None,
        )
        for row in await tx.scalars(rows.limit(MAIL_SHOWN))
    ]


async def mail_kept(tx: AsyncSession, citizen: CitizenId) -> int:
    """How many pushed messages are kept for this citizen's browser."""
    return await tx.scalar(select(func.count()).where(MailRow.citizen_id == citizen)) or 0
