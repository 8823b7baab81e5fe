"""Where the city wants it (`second_reader`), an answer takes effect only when a second person has read it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, suggesting
from flows.accounts import Staff
from flows.city import Both
from flows.errors import Conflict, NotAllowed
from flows.reviewing.notes import add_note
from flows.store.tables.reviewing import ProposalRow
from flows.suggesting import Status, Suggestion
from flows.wording import N_


class DecisionWaits(Conflict):
    message = N_("A colleague's decision on {receipt} waits for approval. Approve it or send it back first.")


class NothingProposed(Conflict):
    message = N_("This decision on {receipt} no longer waits for approval. Please look at it again.")


class OwnProposal(NotAllowed):
    message = N_("You proposed this decision yourself. Somebody else has to approve it.")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What waits for a second person. With `to` the state it has already, it is a correction of the answer.

    `version`: that of the suggestion when it was proposed; with another it can no longer take effect.
    """

    by: Staff
    before: Status
    to: Status
    answer: Both
    version: int
    at: datetime


async def proposed(tx: AsyncSession, s: Suggestion) -> Proposal | None:
    """What waits for approval."""
    row = await tx.scalar(select(ProposalRow).where(ProposalRow.suggestion_id == s.id))
    return await _proposal(tx, row) if row else None


async def propose(
    tx: AsyncSession,
    s: Suggestion,
    to: Status,
    answer: Both,
    *,
    by: Staff,
    at: datetime,
) -> Suggestion:
    """Keep a decision until somebody else has read it; it takes the place of one's own, and of one that is out of date.

    Raises DecisionWaits.
    """
    new = insert(ProposalRow).values(
        suggestion_id=s.id,
        staff_id=by.id,
        before=s.status,
        after=to,
        ko=answer.ko,
        en=answer.en,
        version=s.version,
        at=at,
    )
    given_way = or_(ProposalRow.staff_id == by.id, ProposalRow.version != s.version)
    kept = new.on_conflict_do_update(
        index_elements=["suggestion_id"],
        set_={name: new.excluded[name] for name in ("staff_id", "before", "after", "ko", "en", "version", "at")},
        where=given_way,
    )
    if await tx.scalar(kept.returning(ProposalRow.suggestion_id)) is None:
        raise DecisionWaits(receipt=s.receipt)
    await accounts.audit(
        tx, by, "suggestion.proposed", s.receipt, before={"state": s.status}, after={"state": to}, at=at
    )
    return s


async def taken(tx: AsyncSession, s: Suggestion, *, proposed_at: datetime, by: Staff) -> Proposal:
    """Take a proposal out, to carry it out in the same transaction. Raises NothingProposed, OwnProposal."""
    proposal = await proposed(tx, s)
    if proposal is not None and proposal.by.id == by.id:
        raise OwnProposal
    return await _take(tx, s, proposed_at)


async def send_back(
    tx: AsyncSession, receipt: str, note: str, *, proposed_at: datetime, by: Staff, at: datetime
) -> None:
    """Take a proposal off the table, with a note why; one's own too.

    Raises NothingProposed, NoteMissing, NoteTooLong.
    """
    s = await suggesting.by_receipt(tx, receipt)
    proposal = await _take(tx, s, proposed_at)
    await add_note(tx, receipt, note, by=by, at=at)
    await accounts.audit(
        tx, by, "suggestion.sent_back", receipt, after={"state": proposal.to, "proposed_by": proposal.by.called}, at=at
    )


async def _take(tx: AsyncSession, s: Suggestion, proposed_at: datetime) -> Proposal:
    gone = delete(ProposalRow).where(ProposalRow.suggestion_id == s.id, ProposalRow.at == proposed_at)
    row = await tx.scalar(gone.returning(ProposalRow))
    if row is None:
        raise NothingProposed(receipt=s.receipt)
    return await _proposal(tx, row)


async def _proposal(tx: AsyncSession, row: ProposalRow) -> Proposal:
    by = (await accounts.colleague(tx, row.staff_id)).staff
    answer = Both(ko=row.ko, en=row.en)
    return Proposal(by, Status(row.before), Status(row.after), answer, row.version, row.at)
