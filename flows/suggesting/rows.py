"""Reading and writing suggestions."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows.city import Both, city
from flows.errors import Conflict, Invalid, NotFound, TooMany
from flows.flagging import flags_of
from flows.masking import mask
from flows.messages import ChannelName, Citizen, CitizenId
from flows.store.queue import defer
from flows.store.tables.suggesting import EventRow, SuggestionRow
from flows.suggesting.deadlines import after_move, answer_due, is_in_time
from flows.suggesting.history import before_hiding, note
from flows.suggesting.likeness import searched
from flows.suggesting.receipts import new_receipt
from flows.suggesting.states import NotFromHere, move_between
from flows.suggesting.values import ANSWERED, OPEN, Actor, Kind, Place, Status, Suggestion
from flows.wording import N_, Lang, as_lang

LEAST_CHARS, MOST_CHARS = 5, 2_000
A_DAY = timedelta(days=1)
NOWHERE = Place()
PUBLIC_TEXTS = {"text", "shown_text", "translation"}


class NoSuchSuggestion(NotFound):
    message = N_("There is no suggestion with the receipt number {receipt}. Please check the number.")


class StatusMoved(Conflict):
    message = N_("The suggestion {receipt} has changed in the meantime. Please look at it again.")


class TooShort(Invalid):
    field = "text"
    message = N_("Please write at least {least} letters, so that staff can understand your suggestion.")


class TooLong(Invalid):
    field = "text"
    message = N_("Please keep your suggestion to {most} characters. Yours has {length}.")


class TooManyToday(TooMany):
    message = N_("You have sent {most} suggestions in one day. Please come back tomorrow.")


def check_text(text: str, *, least: int = LEAST_CHARS) -> str:
    """`text` as it will be stored: personal data masked. Raises TooShort, TooLong."""
    if sum(c.isalnum() for c in text) < least:
        raise TooShort(least=least)
    if len(text) > MOST_CHARS:
        raise TooLong(most=MOST_CHARS, length=len(text))
    return mask(text)


async def submit(
    tx: AsyncSession,
    author: Citizen,
    text: str,
    lang: Lang,
    *,
    at: datetime,
    commitment: str | None = None,
    theme: str | None = None,
    place: Place = NOWHERE,
    shown_name: str | None = None,
) -> Suggestion:
    """Keep a suggestion and give it a receipt.

    `text`: as written, up to 2,000 characters; personal data is masked before it is stored.
    Repeating it with the same text within a day returns the first one.
    Raises TooShort, TooLong, TooManyToday.
    """
    masked, rules = check_text(text), city().suggestions
    today = await mine(tx, author.id, since=at - A_DAY)
    same = next((s for s in today if s.text == masked and s.status is not Status.WITHDRAWN), None)
    if same:
        return same
    if len(today) >= rules.most_a_day:
        raise TooManyToday(A_DAY, most=rules.most_a_day)
    flags = flags_of(f"{masked}\n{shown_name or ''}")
    row = SuggestionRow(
        receipt=new_receipt(),
        citizen_id=author.id,
        channel=author.channel,
        lang=lang,
        text=masked,
        shown_name=shown_name,
        commitment=commitment,
        theme=theme,
        district=place.district,
        latitude=place.latitude,
        longitude=place.longitude,
        status=Status.RECEIVED,
        flags=flags,
        supports=0,
        version=1,
        due_at=answer_due(is_promised=False, at=at),
        published_at=at if rules.published_unread and not flags else None,
        created_at=at,
        changed_at=at,
        **searched(masked, None),
    )
    tx.add(row)
    await tx.flush()
    await note(tx, row.id, Kind.SENT, Actor.AUTHOR, at=at)
    await defer(tx, "suggesting:encode", once="encode")
    return suggestion_of(row)


async def rewrite(
    tx: AsyncSession, citizen: CitizenId, receipt: str, text: str, lang: Lang, *, at: datetime
) -> Suggestion:
    """Replace the text of one's own suggestion. Raises StatusMoved once staff have begun to read it."""
    own = SuggestionRow.citizen_id == citizen, SuggestionRow.status == Status.RECEIVED
    masked = check_text(text)
    texts = {"text": masked, "lang": lang, "shown_text": None, "translation": None, "flags": flags_of(masked)}
    changed = await change(tx, receipt, *own, at=at, **texts)
    await note(tx, changed.id, Kind.EDITED, Actor.AUTHOR, at=at)
    return changed


async def move(
    tx: AsyncSession,
    receipt: str,
    seen: Status,
    to: Status,
    *,
    actor: Actor,
    at: datetime,
    version: int | None = None,
    staff: int | None = None,
    public: Both | None = None,
    words: str | None = None,
    **values: Any,  # columns of SuggestionRow, each of its own type
) -> tuple[Suggestion, int]:
    """Change the state that the caller saw and write it into the history; the suggestion, and the line's id.

    `version`: that of what the caller saw, where a person has looked at it in between. `public`: the answer or the
    reason; `words`: the author's own, or what staff ask the author. An answer is public, and so is from now on what
    it answers. The deadline follows from the move.
    Raises NotFromHere, and StatusMoved when somebody else was first.
    """
    now = await by_receipt(tx, receipt)
    if now.status is not seen or version not in (None, now.version):
        raise StatusMoved(receipt=receipt)
    allowed = move_between(seen, to)
    is_back = seen is Status.HIDDEN and to is not Status.HIDDEN
    if allowed is None or not allowed.is_for(actor) or (is_back and to is not await before_hiding(tx, now)):
        raise NotFromHere(before=seen, after=to)
    if public and to in ANSWERED:
        values |= {"answer_ko": public.ko, "answer_en": public.en}
        values |= {name: func.coalesce(getattr(SuggestionRow, name), at) for name in ("published_at", "answered_at")}
        values["answered_in_time"] = func.coalesce(SuggestionRow.answered_in_time, is_in_time(now, at))
    values = {**after_move(now, to, at), **values}
    moved = await change(tx, receipt, SuggestionRow.version == now.version, at=at, status=to, **values)
    line = await note(
        tx, moved.id, Kind.MOVED, actor, staff=staff, before=seen, after=to, public=public, words=words, at=at
    )
    return moved, line


async def change(
    tx: AsyncSession,
    receipt: str,
    *as_seen: ColumnElement[bool],
    at: datetime,
    **values: Any,  # columns of SuggestionRow, each of its own type
) -> Suggestion:
    """Set columns where the suggestion still is `as_seen`; every change raises its version. Raises StatusMoved.

    With its texts changes what search knows of them.
    """
    row = await tx.scalar(
        update(SuggestionRow)
        .where(SuggestionRow.receipt == receipt, *as_seen)
        .values(version=SuggestionRow.version + 1, changed_at=at, **values)
        .returning(SuggestionRow)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise StatusMoved(receipt=receipt)
    changed = suggestion_of(row)
    if values.keys() & PUBLIC_TEXTS:
        known = searched(changed.public_text, changed.translation)
        await tx.execute(update(SuggestionRow).where(SuggestionRow.id == changed.id).values(known))
        await defer(tx, "suggesting:encode", once="encode")
    return changed


async def by_receipt(tx: AsyncSession, receipt: str) -> Suggestion:
    """The suggestion with this receipt, as it is now. Raises NoSuchSuggestion."""
    found = select(SuggestionRow).where(SuggestionRow.receipt == receipt)
    row = await tx.scalar(found.execution_options(populate_existing=True))
    if row is None:
        raise NoSuchSuggestion(receipt=receipt)
    return suggestion_of(row)


async def as_seen(tx: AsyncSession, receipt: str, version: int | None) -> Suggestion:
    """The same, if it still has the version that a person saw; any will do with None. Raises StatusMoved."""
    found = await by_receipt(tx, receipt)
    if version not in (None, found.version):
        raise StatusMoved(receipt=receipt)
    return found


async def hold(tx: AsyncSession, *suggestions: int) -> None:
    """Lock several until the transaction ends, always in one order, so that two merges cannot wait for one another."""
    held = select(SuggestionRow.id).where(SuggestionRow.id.in_(suggestions)).order_by(SuggestionRow.id)
    await tx.execute(held.with_for_update())


async def by_id(tx: AsyncSession, suggestion: int) -> Suggestion:
    """As it is now, whatever was read before."""
    return suggestion_of(await tx.get_one(SuggestionRow, suggestion, populate_existing=True))


async def mine(tx: AsyncSession, citizen: CitizenId, *, since: datetime | None = None) -> list[Suggestion]:
    """A citizen's own, newest first."""
    rows = select(SuggestionRow).where(SuggestionRow.citizen_id == citizen).order_by(SuggestionRow.id.desc())
    if since is not None:
        rows = rows.where(SuggestionRow.created_at > since)
    return [suggestion_of(row) for row in await tx.scalars(rows)]


async def disown(tx: AsyncSession, citizen: CitizenId, *, at: datetime) -> None:
    """Cut the tie between a citizen and their suggestions; those not yet answered are taken back and emptied.

    What is hidden is emptied too, and what was merged before anybody could read it. The name they chose to show goes
    everywhere, and so do their own words in the histories.
    """
    own, row = update(SuggestionRow).where(SuggestionRow.citizen_id == citizen), SuggestionRow
    unanswered = row.status.in_((*OPEN, Status.WITHDRAWN))
    never_read = (row.status == Status.HIDDEN) | ((row.status == Status.MERGED) & row.published_at.is_(None))
    theirs = select(row.id).where(row.citizen_id == citizen)
    words = EventRow.suggestion_id.in_(theirs.where(unanswered | never_read)) | (EventRow.actor == Actor.AUTHOR)
    await tx.execute(update(EventRow).where(EventRow.suggestion_id.in_(theirs), words).values(words=None))
    emptied: dict[str, Any] = dict.fromkeys(("shown_text", "translation", "words", "meaning", "due_at"))
    await tx.execute(own.where(unanswered | never_read).values(text="", changed_at=at, **emptied))
    await tx.execute(own.where(unanswered).values(status=Status.WITHDRAWN))
    await tx.execute(own.values(citizen_id=None, shown_name=None, latitude=None, longitude=None))


def suggestion_of(row: SuggestionRow) -> Suggestion:
    answered = row.answer_ko is not None and row.answer_en is not None
    return Suggestion(
        id=row.id,
        receipt=row.receipt,
        citizen=CitizenId(row.citizen_id) if row.citizen_id is not None else None,
        channel=cast("ChannelName", row.channel),
        lang=as_lang(row.lang),
        text=row.text,
        shown_text=row.shown_text,
        translation=row.translation,
        shown_name=row.shown_name,
        commitment=row.commitment,
        theme=row.theme,
        place=Place(row.district, row.latitude, row.longitude),
        status=Status(row.status),
        answer=Both(ko=row.answer_ko or "", en=row.answer_en or "") if answered else None,
        flags=tuple(row.flags),
        merged_into=row.merged_into,
        supports=row.supports,
        assignee=row.assignee_id,
        assigned_until=row.assigned_until,
        due_at=row.due_at,
        days_left=row.days_left,
        promised_at=row.promised_at,
        published_at=row.published_at,
        answered_at=row.answered_at,
        answered_in_time=row.answered_in_time,
        contested_at=row.contested_at,
        surveyed_at=row.surveyed_at,
        really_done=row.really_done,
        version=row.version,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
