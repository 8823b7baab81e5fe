"""Writing an update: a draft, then for a time, then public; and correcting it in the open."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from flows.city import Both, city
from flows.commitments.reading import NoSuchCommitment, get, update_of
from flows.commitments.values import UNSENT, Update, UpdateState, Versions
from flows.errors import Conflict, Invalid, NotFound
from flows.store.tables.commitments import CommitmentRow, UpdateRow
from flows.wording import N_

UPDATE_MOST_CHARS = 1_000
LINK_MOST_CHARS = 500
PUBLIC = (UpdateState.PUBLISHED, UpdateState.EXPIRED)


class UpdateMissing(Invalid):
    message = N_("Please write the update in both languages: each follower reads it in theirs.")


class UpdateTooLong(Invalid):
    message = N_("Please keep the update to {most} characters. This one has {length}.")


class BadLink(Invalid):
    field = "evidence"
    message = N_("Please give a whole link that begins with https:// or http://, up to {most} characters.")


class BadExpiry(Invalid):
    field = "expires_at"
    message = N_("An update must expire after the time of its publication.")


class MilestoneElsewhere(Invalid):
    field = "milestone"
    message = N_("Please choose a milestone of this commitment, or none.")


class WrittenBefore(Conflict):
    """The same words once more: a form sent twice must not reach every follower twice."""

    message = N_("There is an update with these words already: {ref}.")


class NoSuchUpdate(NotFound):
    message = N_("There is no such update.")


class UpdateMoved(Conflict):
    """Somebody else changed, published or cancelled it, or its time has come."""

    message = N_("This update has changed meanwhile, so nothing was saved. Look at how it is now.")


class NotPublic(Conflict):
    message = N_("Only an update that is published can be corrected. Change this one, or cancel it.")


@dataclass(frozen=True, slots=True)
class Writing:
    """What staff write of an update. Without `publish_at` it is to become public at once."""

    words: Both
    publish_at: datetime | None = None
    expires_at: datetime | None = None
    milestone: int | None = None
    evidence: str | None = None

    def faults(self) -> dict[str, Invalid]:
        """What is wrong with it, by field, in the order of the fields."""
        found: dict[str, Invalid] = {}
        for field, words in (("ko", self.words.ko), ("en", self.words.en)):
            try:
                check_update(words)
            except Invalid as bad:
                found[field] = bad
        if self.evidence and not (re.fullmatch(r"https?://[^\s/]+\S*", self.evidence) and self._link_fits):
            found["evidence"] = BadLink(most=LINK_MOST_CHARS)
        if self.expires_at and self.publish_at and self.expires_at <= self.publish_at:
            found["expires_at"] = BadExpiry()
        return found

    @property
    def _link_fits(self) -> bool:
        return len(self.evidence or "") <= LINK_MOST_CHARS


def check_update(text: str) -> None:
    """Whether this can be the text of an update in one language. Raises UpdateMissing, UpdateTooLong."""
    if not text.strip():
        raise UpdateMissing
    if len(text) > UPDATE_MOST_CHARS:
        raise UpdateTooLong(most=UPDATE_MOST_CHARS, length=len(text))


async def draft_update(
    tx: AsyncSession, code: str, writing: Writing, *, form: str | None = None, corrects: int | None = None, at: datetime
) -> Update:
    """Keep an update that nobody but staff sees yet. The same `form` again gives the first one.

    Raises NoSuchCommitment, what `Writing.faults` finds, MilestoneElsewhere.
    """
    for fault in writing.faults().values():
        raise fault
    if form and (twin := await tx.scalar(select(UpdateRow).where(UpdateRow.form == form))):
        return update_of(twin)
    await _check_milestone(tx, code, writing.milestone)
    counted = (
        update(CommitmentRow)
        .where(CommitmentRow.code == code)
        .values(updates_count=CommitmentRow.updates_count + 1)
        .returning(CommitmentRow.updates_count)
    )
    number = await tx.scalar(counted)
    if number is None:
        raise NoSuchCommitment(code=code)
    # After counting, which locks the commitment's row: the twin of a double click has committed by then.
    if form and (twin := await tx.scalar(select(UpdateRow).where(UpdateRow.form == form))):
        return update_of(twin)
    row = UpdateRow(
        commitment=code,
        number=number,
        written_at=at,
        state=UpdateState.DRAFT,
        corrects=corrects,
        form=form,
        **_values(writing, at),
    )
    tx.add(row)
    await tx.flush()
    return update_of(row)


async def edit_update(tx: AsyncSession, id_: int, writing: Writing, *, seen: int, at: datetime) -> Update:
    """Change an update that is not public yet; `seen` is the version that was looked at.

    Raises NoSuchUpdate, UpdateMoved, WrittenBefore, what `Writing.faults` finds, MilestoneElsewhere.
    """
    for fault in writing.faults().values():
        raise fault
    known = await get_update(tx, id_)
    await _check_milestone(tx, known.commitment, writing.milestone)
    if known.state is UpdateState.SCHEDULED:
        await _refuse_twins(tx, known, writing.words)
    return await _move(tx, id_, UNSENT, seen=seen, **_values(writing, at))


async def release_update(tx: AsyncSession, id_: int, *, seen: int, at: datetime) -> Update:
    """Let a draft become public at its time, or at once. It gets the city's usual expiry if it has none.

    A correction expires only where staff said so: who read what was wrong is told, however late.
    Raises NoSuchUpdate, UpdateMoved, WrittenBefore, BadExpiry.
    """
    draft = await get_update(tx, id_)
    publish_at = max(draft.publish_at, at)
    expires_at = draft.expires_at
    if expires_at is None and draft.corrects is None:
        expires_at = publish_at + timedelta(days=city().updates.expire_after_days)
    if expires_at is not None and expires_at <= publish_at:
        raise BadExpiry
    moved = {"state": UpdateState.SCHEDULED, "publish_at": publish_at, "expires_at": expires_at}
    released = await _move(tx, id_, {UpdateState.DRAFT}, seen=seen, **moved)
    # After the row is taken and the commitment's is locked, so that of two with the same words one sees the other.
    await tx.scalar(select(CommitmentRow.code).where(CommitmentRow.code == draft.commitment).with_for_update())
    await _refuse_twins(tx, draft, draft.text)
    return released


async def cancel_update(tx: AsyncSession, id_: int, *, seen: int) -> Update:
    """Give up an update before it is public. Raises NoSuchUpdate, UpdateMoved."""
    await get_update(tx, id_)
    return await _move(tx, id_, UNSENT, seen=seen, state=UpdateState.CANCELLED)


async def begin_correction(tx: AsyncSession, id_: int, words: Both | None = None, *, at: datetime) -> Update:
    """A draft that takes the place of a published update, with its words to begin with.

    The last of its corrections is what is corrected. If somebody has begun one already, that is it.
    Raises NoSuchUpdate, NotPublic.
    """
    wrong = await get_update(tx, id_)
    while wrong.corrected_by is not None:
        wrong = await get_update(tx, wrong.corrected_by)
    if wrong.state not in PUBLIC:
        raise NotPublic
    begun = select(UpdateRow).where(UpdateRow.corrects == wrong.id, UpdateRow.state != UpdateState.CANCELLED)
    if row := await tx.scalar(begun):
        return update_of(row)
    writing = Writing(words or wrong.text, milestone=wrong.milestone, evidence=wrong.evidence)
    try:
        async with tx.begin_nested():
            return await draft_update(tx, wrong.commitment, writing, corrects=wrong.id, at=at)
    except IntegrityError:  # the index on `corrects`: somebody else began it at the same moment
        return update_of((await tx.scalars(begun)).one())


async def get_update(tx: AsyncSession, id_: int) -> Update:
    """One update in whatever state. Raises NoSuchUpdate."""
    row = await tx.scalar(select(UpdateRow).where(UpdateRow.id == id_).execution_options(populate_existing=True))
    if row is None:
        raise NoSuchUpdate
    return update_of(row)


async def refs_of(tx: AsyncSession, ids: Collection[int]) -> dict[int, str]:
    """What these updates are called, by their ids."""
    rows = await tx.execute(select(UpdateRow.id, UpdateRow.commitment, UpdateRow.number).where(UpdateRow.id.in_(ids)))
    return {id_: f"{commitment}/{number}" for id_, commitment, number in rows}


async def versions_of(tx: AsyncSession, refs: Collection[str]) -> Versions:
    """These updates, each with all that it corrects and that correct it."""
    parts = (ref.rpartition("/") for ref in refs)
    named = tuple_(UpdateRow.commitment, UpdateRow.number).in_([(code, int(number)) for code, _, number in parts])
    chain = select(UpdateRow.id, UpdateRow.corrects, UpdateRow.corrected_by).where(named).cte(recursive=True)
    other = aliased(UpdateRow)
    is_beside = or_(other.id == chain.c.corrects, other.id == chain.c.corrected_by)
    chain = chain.union(select(other.id, other.corrects, other.corrected_by).join(chain, is_beside))
    rows = await tx.scalars(select(UpdateRow).where(UpdateRow.id.in_(select(chain.c.id))))
    return Versions(update_of(row) for row in rows)


async def update_by_ref(tx: AsyncSession, ref: str) -> Update:
    """One update in whatever state, by what it is called: KRGNJ0001/3. Raises NoSuchUpdate."""
    code, _, number = ref.partition("/")
    if not (number.isascii() and number.isdigit() and len(number) < 10):  # more than there will be
        raise NoSuchUpdate
    row = await tx.scalar(select(UpdateRow).where(UpdateRow.commitment == code, UpdateRow.number == int(number)))
    if row is None:
        raise NoSuchUpdate
    return update_of(row)


async def updates_in(tx: AsyncSession, states: Collection[UpdateState], *, limit: int = 50) -> list[Update]:
    """Those in one of these states, in the order of their times."""
    rows = select(UpdateRow).where(UpdateRow.state.in_(states)).order_by(UpdateRow.publish_at, UpdateRow.id)
    return [update_of(row) for row in await tx.scalars(rows.limit(limit))]


async def due_updates(tx: AsyncSession, *, at: datetime) -> list[int]:
    """Ids of the updates whose time has come and that are not yet public."""
    due = select(UpdateRow.id).where(UpdateRow.state == UpdateState.SCHEDULED, UpdateRow.publish_at <= at)
    return list(await tx.scalars(due.order_by(UpdateRow.publish_at, UpdateRow.id)))


async def mark_published(tx: AsyncSession, update_id: int, *, at: datetime) -> Update | None:
    """Make an update public; None when it already is, so that doing it twice tells nobody twice.

    Past its expiry it becomes public as EXPIRED. What it corrects is marked so.
    """
    is_late = UpdateRow.expires_at <= at  # NULL where it does not expire, which is not late
    moved = (
        update(UpdateRow)
        .where(UpdateRow.id == update_id, UpdateRow.state == UpdateState.SCHEDULED)
        .values(published_at=at, state=case((is_late, UpdateState.EXPIRED), else_=UpdateState.PUBLISHED))
        .returning(UpdateRow)
    )
    row = await tx.scalar(moved)
    if row is None:
        return None
    if row.corrects is not None:
        await tx.execute(update(UpdateRow).where(UpdateRow.id == row.corrects).values(corrected_by=row.id))
    return update_of(row)


async def _move(tx: AsyncSession, id_: int, states: Collection[UpdateState], *, seen: int, **values: object) -> Update:
    moved = update(UpdateRow).where(UpdateRow.id == id_, UpdateRow.state.in_(states), UpdateRow.version == seen)
    row = await tx.scalar(moved.values(version=seen + 1, **values).returning(UpdateRow))
    if row is None:
        raise UpdateMoved
    return update_of(row)


async def _refuse_twins(tx: AsyncSession, update: Update, words: Both) -> None:
    """A correction may go back to words that were corrected before; nothing else may say again what was said."""
    same = select(UpdateRow).where(
        UpdateRow.commitment == update.commitment,
        UpdateRow.ko == words.ko,
        UpdateRow.en == words.en,
        UpdateRow.id != update.id,
        UpdateRow.state.in_({UpdateState.SCHEDULED, *PUBLIC}),
    )
    if update.corrects is not None:
        same = same.where(UpdateRow.corrected_by.is_(None))
    if twin := await tx.scalar(same.limit(1)):
        raise WrittenBefore(ref=update_of(twin).ref)


async def _check_milestone(tx: AsyncSession, code: str, milestone: int | None) -> None:
    if milestone is not None and milestone not in {m.id for m in (await get(tx, code)).milestones}:
        raise MilestoneElsewhere


def _values(writing: Writing, at: datetime) -> dict[str, object]:
    return {
        "ko": writing.words.ko,
        "en": writing.words.en,
        "publish_at": writing.publish_at or at,
        "expires_at": writing.expires_at,
        "milestone_id": writing.milestone,
        "evidence": writing.evidence,
    }
