"""What the public reads of a suggestion, and whether it reads it: never irreversibly (that is `redaction`)."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts, delivering, suggesting
from flows.accounts import Role, Staff
from flows.city import Both
from flows.errors import Invalid
from flows.flagging import flags_of
from flows.reviewing.contested import check_fresh_eyes
from flows.reviewing.decision import allowed
from flows.reviewing.news import news, objection
from flows.store.tables.suggesting import SuggestionRow
from flows.suggesting import Actor, Kind, NotFromHere, Status, Suggestion
from flows.wording import N_

TEXT_MOST_CHARS = 4_000
HIDDEN = N_("City staff have hidden your suggestion {receipt} from the public, for this reason:")
STAYS_HIDDEN = N_("City staff have looked at {receipt} again. It stays hidden, for this reason:")
MAY_OBJECT = N_("If you do not agree, you may object once, with a reason. Another member of staff will look at it.")
BACK = N_("Your suggestion {receipt} is no longer hidden. Its state is again: {status}")


class ReasonMissing(Invalid):
    field = "reason"
    message = N_("Please write the reason in Korean and in English: it is kept, and its author reads it.")


class ReasonTooLong(Invalid):
    field = "reason"
    message = N_("Please keep the reason to {most} characters. This one has {length}.")


class ShownMissing(Invalid):
    field = "shown_text"
    message = N_("Please write what the public is to read.")


class ShownTooLong(Invalid):
    field = "shown_text"
    message = N_("Please keep the text to {most} characters. This one has {length}.")


class TranslationTooLong(ShownTooLong):
    field = "translation"


async def moderate(
    tx: AsyncSession, receipt: str, shown: str | None, *, by: Staff, at: datetime, seen: int | None = None
) -> Suggestion:
    """Changed the public text, or with None again the one that its author wrote, which is kept.

    `seen`: the version that the caller saw, here and below.
    Raises ShownMissing, ShownTooLong, StatusMoved, NoSuchSuggestion.
    """
    if shown is not None:
        if not shown:
            raise ShownMissing
        if len(shown) > TEXT_MOST_CHARS:
            raise ShownTooLong(most=TEXT_MOST_CHARS, length=len(shown))
    s = await suggesting.as_seen(tx, receipt, seen)
    flags = flags_of(s.text if shown is None else shown)
    changed = await _change(tx, s, shown_text=shown, flags=flags, at=at)
    await suggesting.note(tx, s.id, Kind.MODERATED, Actor.STAFF, staff=by.id, words=shown, at=at)
    action = "suggestion.moderated" if shown is not None else "suggestion.original_shown"
    await accounts.audit(tx, by, action, receipt, at=at)
    return changed


async def translate(
    tx: AsyncSession, receipt: str, translation: str, *, by: Staff, at: datetime, seen: int | None = None
) -> Suggestion:
    """Keep the text in the language that it was not written in; an empty one takes the translation away.

    Raises TranslationTooLong, StatusMoved, NoSuchSuggestion.
    """
    if len(translation) > TEXT_MOST_CHARS:
        raise TranslationTooLong(most=TEXT_MOST_CHARS, length=len(translation))
    s = await suggesting.as_seen(tx, receipt, seen)
    changed = await _change(tx, s, translation=translation or None, at=at)
    await suggesting.note(tx, s.id, Kind.TRANSLATED, Actor.STAFF, staff=by.id, words=translation or None, at=at)
    await accounts.audit(tx, by, "suggestion.translated", receipt, at=at)
    return changed


async def clear_flags(
    tx: AsyncSession, receipt: str, *, by: Staff, at: datetime, seen: int | None = None
) -> Suggestion:
    """Somebody has looked at what was flagged and found nothing. Raises StatusMoved, NoSuchSuggestion."""
    s = await suggesting.as_seen(tx, receipt, seen)
    changed = await _change(tx, s, flags=[], at=at)
    await accounts.audit(tx, by, "suggestion.flags_cleared", receipt, before={"flags": " ".join(s.flags)}, at=at)
    return changed


async def hide(
    tx: AsyncSession,
    receipt: str,
    reason: Both | None,
    *,
    by: Staff,
    at: datetime,
    seen: int | None = None,
) -> Suggestion:
    """Take a suggestion from the public. Its author is told why and may object; after that it may be said once more.

    Raises ReasonMissing, ReasonTooLong, NotFromHere, NotYours, DecidedBefore, StatusMoved, NoSuchSuggestion.
    """
    s = await suggesting.as_seen(tx, receipt, seen)
    allowed(by, s.status, Status.HIDDEN)
    is_again = s.status is Status.HIDDEN
    if is_again and s.due_at is None:
        raise NotFromHere(before=s.status, after=Status.HIDDEN)  # nobody has objected
    if reason is None or not (reason.ko and reason.en):
        raise ReasonMissing
    if (length := max(len(reason.ko), len(reason.en))) > TEXT_MOST_CHARS:
        raise ReasonTooLong(most=TEXT_MOST_CHARS, length=length)
    await check_fresh_eyes(tx, s, by, Role.EDITOR)
    hidden, line = await suggesting.move(
        tx,
        receipt,
        s.status,
        Status.HIDDEN,
        actor=Actor.STAFF,
        version=s.version,
        staff=by.id,
        public=reason,
        at=at,
    )
    facts = {"state": s.status}, {"state": Status.HIDDEN}
    await accounts.audit(tx, by, "suggestion.hidden", receipt, before=facts[0], after=facts[1], at=at)
    if hidden.citizen is not None:
        subject = f"{receipt}/{line}"
        if hidden.contested_at is None:
            said = news(HIDDEN, hidden, reason, MAY_OBJECT)
            objecting = objection(receipt, N_("Object to this"))
            await delivering.tell(tx, hidden.citizen, subject, said, objecting, at=at)
        else:
            head = STAYS_HIDDEN if is_again else HIDDEN
            await delivering.tell(tx, hidden.citizen, subject, news(head, hidden, reason), at=at)
    return hidden


async def bring_back(
    tx: AsyncSession, receipt: str, *, by: Staff, at: datetime, seen: int | None = None, page: str | None = None
) -> Suggestion:
    """Show a hidden suggestion again, in the state that it had before.

    Raises NotFromHere, NotYours, DecidedBefore, StatusMoved, NoSuchSuggestion.
    """
    s = await suggesting.as_seen(tx, receipt, seen)
    before = await suggesting.before_hiding(tx, s)
    if before is None:
        raise NotFromHere(before=s.status, after=s.status)
    allowed(by, s.status, Status.HIDDEN)  # who may hide may bring back
    await check_fresh_eyes(tx, s, by, Role.EDITOR)
    back, line = await suggesting.move(
        tx, receipt, s.status, before, actor=Actor.STAFF, version=s.version, staff=by.id, at=at
    )
    facts = {"state": s.status}, {"state": before}
    await accounts.audit(tx, by, "suggestion.brought_back", receipt, before=facts[0], after=facts[1], at=at)
    if back.citizen is not None:
        await delivering.tell(tx, back.citizen, f"{receipt}/{line}", news(BACK, back, page=page), at=at)
    return back


async def _change(tx: AsyncSession, s: Suggestion, *, at: datetime, **values: Any) -> Suggestion:  # columns
    return await suggesting.change(tx, s.receipt, SuggestionRow.version == s.version, at=at, **values)
