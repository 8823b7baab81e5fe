"""Beside one suggestion: who has it in hand, and who has its page open at this moment."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.pages.lookup import receipt_in
from bot.pages.staff.gate import Parts, Sending, console, router
from bot.pages.staff.labels import colleague_labels
from flows import accounts, reviewing, suggesting
from flows.accounts import Role, Staff
from flows.suggesting import OPEN, Suggestion


@dataclass(frozen=True, slots=True)
class Hands:
    """Who has a suggestion in hand, for `staff/holder.html`. `colleagues`: to whom it can be given."""

    receipt: str
    version: int
    holder: str | None
    until: datetime | None
    is_mine: bool
    may_assign: bool
    colleagues: dict[int, str]


@dataclass(frozen=True, slots=True)
class Looking:
    """Who else has a suggestion's page open, for `staff/looking.html`."""

    receipt: str
    others: list[str]


async def hands_of(tx: AsyncSession, suggestion: Suggestion, staff: Staff, *, at: datetime) -> Hands | None:
    """None once a suggestion needs nobody any more."""
    if suggestion.status not in OPEN:
        return None
    everybody = await accounts.colleagues(tx)
    called, holder = accounts.names(everybody), suggestion.holder(at)
    return Hands(
        receipt=suggestion.receipt,
        version=suggestion.version,
        holder=called.get(holder or 0),
        until=suggestion.assigned_until,
        is_mine=holder == staff.id,
        may_assign=staff.role.covers(Role.EDITOR),
        colleagues=colleague_labels(everybody),
    )


@router.post("/suggestions/{receipt}/looking")
async def look(request: Request, receipt: str, session: Sending, damso: Parts) -> Response:
    async with damso.db.transaction() as tx:
        suggestion = await suggesting.by_receipt(tx, receipt_in(receipt))
        others = await reviewing.looking(tx, suggestion, session.staff, at=damso.now())
    return console(request, session, "staff/looking.html", looking=Looking(suggestion.receipt, others))
