"""Who gets a correction, and who the corrected news: of the two, everybody gets one."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from flows import commitments
from flows.commitments import Update, Versions
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.delivering import DeliveryRow, NoticeRow

KINDS = ("update", "correction")
SEEN = ("sent", "claimed")
UNTOLD = ("dropped", "expired", "failed", "gone")


def may_have_seen(*, by: datetime | None = None) -> ColumnElement[bool]:
    """Whether it may have arrived, alone or in a digest. `by`: and its message had ended then.

    One in the air counts: it was written before whoever asks.
    """
    digest = aliased(DeliveryRow)

    def arrived(message: type[DeliveryRow]) -> ColumnElement[bool]:
        perhaps = message.state.in_(SEEN) | (message.uncertain > 0)
        return perhaps if by is None else perhaps & (message.ended_at <= by)

    return arrived(DeliveryRow) | exists().where(digest.id == DeliveryRow.digest_id, arrived(digest))


def got(refs: Collection[str], is_theirs: ColumnElement[bool] | None = None) -> Select[int]:
    """Who may have seen one of these updates; or to whom another condition on its delivery applies."""
    told = NoticeRow.kind.in_(KINDS) & NoticeRow.subject.in_(refs)
    theirs = select(DeliveryRow.citizen_id).join(NoticeRow, NoticeRow.id == DeliveryRow.notice_id)
    theirs = theirs.join(CitizenRow, CitizenRow.id == DeliveryRow.citizen_id)
    return theirs.where(told, may_have_seen() if is_theirs is None else is_theirs)


async def corrected_refs(tx: AsyncSession, correction: Update) -> list[str]:
    """What the updates are called whose place a correction takes: the first one, and earlier corrections of it."""
    return [wrong.ref for wrong in (await commitments.versions_of(tx, [correction.ref])).before(correction)]


async def hold_back(tx: AsyncSession, refs: Collection[str]) -> None:
    """Let no message of these be written until this transaction has ended; waits for those that are."""
    wrong = select(NoticeRow.id).where(NoticeRow.kind.in_(KINDS), NoticeRow.subject.in_(refs)).order_by(NoticeRow.id)
    await tx.execute(wrong.with_for_update(key_share=True))


async def needless(tx: AsyncSession, claimed: Sequence[Any], known: Versions, *, at: datetime) -> set[int]:
    """Which of these deliveries are not to be sent, each a row of its id, `uncertain`, a citizen and a notice.

    A correction is owed to who was being sent the first; how that ended shows only afterwards. Who may have seen what
    was wrong gets the correction and not the news again. Who certainly has not gets the news as it stands, and what
    corrects it is dropped.
    """
    concerned = [
        (row, own, known.before(own), known.after(own))
        for row in claimed
        if row.NoticeRow.kind in KINDS and ((own := known[row.NoticeRow.subject]).corrects or own.corrected_by)
    ]
    if not concerned:
        return set()
    seen = may_have_seen().label("seen")
    others = select(DeliveryRow.id, DeliveryRow.citizen_id, DeliveryRow.state, seen, NoticeRow.subject).join(NoticeRow)
    others = others.where(NoticeRow.kind.in_(KINDS), NoticeRow.subject.in_(known.refs))
    theirs: dict[int, dict[str, Any]] = defaultdict(dict)
    for other in await tx.execute(
        others.where(DeliveryRow.citizen_id.in_([row.CitizenRow.id for row, *_ in concerned]))
    ):
        theirs[other.citizen_id][other.subject] = other
    dropped, superseded = set[int](), list[int]()
    for row, _, before, after in concerned:
        mine = theirs[row.CitizenRow.id]
        wrong, right = ([mine[u.ref] for u in updates if u.ref in mine] for updates in (before, after))
        right = [other for other in right if other.state not in UNTOLD]
        if (before and not any(w.seen for w in wrong)) or (right and (row.uncertain or any(r.seen for r in right))):
            dropped.add(row.id)
        else:
            superseded += [other.id for other in right]
    if superseded:
        ending = update(DeliveryRow).where(DeliveryRow.id.in_(superseded))
        await tx.execute(ending.values(state="dropped", ended_at=at))
    return dropped
