"""Tests: a member of staff gets an update into a chat of their own before anybody else does.

The chat is linked once. Whoever sends the code from that chat shows that they have both: the account and the chat.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts
from flows.accounts import Staff
from flows.city import Both
from flows.commitments import Commitment, Update
from flows.delivering.news import correction, news
from flows.delivering.publishing import Priority, owe, write_notice
from flows.errors import Conflict
from flows.messages import CitizenId, Reply, Turn, UnknownChoice
from flows.store.tables.citizens import CitizenRow
from flows.store.tables.delivering import TesterRow
from flows.wording import LANGS, N_, Lang, text

CODE_LASTS = timedelta(minutes=30)
CODE_BYTES = 9


class NoTrialChat(Conflict):
    message = N_("No chat of yours is linked for tests yet. Link one first.")


@dataclass(frozen=True, slots=True)
class TrialChat:
    """Where the tests of a member of staff arrive. `is_gone`: it blocked the bot since."""

    citizen: CitizenId
    channel: str
    lang: Lang
    is_gone: bool


async def trial_code(tx: AsyncSession, staff: Staff, *, at: datetime) -> str:
    """A code to be sent from the chat that tests are to go to, in the place of an earlier one. It works once."""
    code = secrets.token_hex(CODE_BYTES)
    values = {"code_hash": _hash(code), "code_until": at + CODE_LASTS}
    row = insert(TesterRow).values(staff_id=staff.id, **values)
    await tx.execute(row.on_conflict_do_update(index_elements=["staff_id"], set_=values))
    return code


async def trial_chat(turn: Turn) -> list[Reply]:
    """`trial_chat:<code>`, from a link or typed as it stands there: this chat gets the tests of whose code it is."""
    (code,) = turn.args if len(turn.args) == 1 else ("",)
    theirs = (TesterRow.code_hash == _hash(code)) & (TesterRow.code_until > turn.at)
    linked = update(TesterRow).where(theirs).values(citizen_id=turn.citizen.id, code_hash=None, code_until=None)
    whose = await turn.tx.scalar(linked.returning(TesterRow.staff_id))
    if whose is None:
        raise UnknownChoice
    by = (await accounts.colleague(turn.tx, whose)).staff
    after = {"channel": turn.citizen.channel}
    await accounts.audit(turn.tx, by, "trial_chat.linked", by.email, after=after, at=turn.at)
    return [turn.reply(N_("This chat is linked. Tests that you send to yourself in the console arrive here."))]


async def trial_chat_of(tx: AsyncSession, staff: Staff) -> TrialChat | None:
    """The chat that this member of staff has linked."""
    theirs = select(CitizenRow).join(TesterRow, TesterRow.citizen_id == CitizenRow.id)
    row = await tx.scalar(theirs.where(TesterRow.staff_id == staff.id))
    if row is None:
        return None
    return TrialChat(CitizenId(row.id), row.channel, "en" if row.lang == "en" else "ko", row.gone_at is not None)


async def unlink_trial_chat(tx: AsyncSession, staff: Staff) -> None:
    """Send no more tests there."""
    await tx.execute(update(TesterRow).where(TesterRow.staff_id == staff.id).values(citizen_id=None, code_hash=None))


async def send_trial(
    tx: AsyncSession, staff: Staff, commitment: Commitment, draft: Update, wrong: Update | None, *, at: datetime
) -> None:
    """Owe this member of staff the message as its readers would get it, marked as a test, in each language.

    Raises NoTrialChat.
    """
    chat = await trial_chat_of(tx, staff)
    if chat is None:
        raise NoTrialChat
    for lang in LANGS:
        reply = told(commitment, draft, wrong, lang)
        said = text(lang, N_("[Test, sent to you alone]\n{text}"), text=reply.text)
        choices = [{"value": choice.value, **dict.fromkeys(LANGS, choice.label)} for choice in reply.choices]
        subject = f"{draft.ref}/{staff.id}/{lang}/{at.isoformat()}"
        notice = await write_notice(tx, "test", subject, Both(ko=said, en=said), choices, at=at)
        await owe(tx, notice, select(literal(chat.citizen)), Priority.PERSONAL, at=at)


def told(commitment: Commitment, draft: Update, wrong: Update | None, lang: Lang) -> Reply:
    """The message as a follower of the commitment would get it; `wrong` is what it corrects."""
    if wrong is None:
        return news(commitment.titles, draft, lang, followed=commitment.code)
    return correction(commitment.titles, draft, wrong, lang, followed=commitment.code)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
