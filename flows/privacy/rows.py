"""All that belongs to one citizen, slice by slice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from flows import answering, citizens, commitments, delivering, reviewing, subscribing, suggesting
from flows.answering import Enquiry
from flows.commitments import Commitment
from flows.messages import Citizen, CitizenId
from flows.subscribing import Before, Follow, follows_of
from flows.suggesting import Suggestion
from flows.wording import Lang, text


@dataclass(frozen=True, slots=True)
class Held:
    """Everything held about one citizen. The bot's last answers, kept a day against repeats, are not shown again."""

    citizen: Citizen
    first: datetime
    last: datetime
    reminded: datetime | None
    follows: list[tuple[str, Follow]]  # with the name of what is followed
    alerts: list[str]  # what they chose of them, a line each
    alerts_before: list[str]  # what their last change can be undone to
    suggestions: list[Suggestion]
    supported: list[Suggestion]
    mail: int
    ratings: int
    enquiries: list[Enquiry]
    files: int
    is_staff_chat: bool


async def export(tx: AsyncSession, citizen: Citizen, lang: Lang, *, at: datetime) -> Held:
    first, last, reminded = await citizens.times_of(tx, citizen.id)
    follows = await follows_of(tx, citizen.id)
    plan = {c.code: c for c in await commitments.all_of(tx)}
    before = await subscribing.before_of(tx, citizen.id)
    return Held(
        citizen=citizen,
        first=first,
        last=last,
        reminded=reminded,
        follows=[(subscribing.name_of(plan, f.commitment, lang), f) for f in follows],
        alerts=subscribing.said_settings(lang, await subscribing.settings_of(tx, citizen.id), follows, at=at),
        alerts_before=[] if before is None else _said_before(before, plan, lang, at),
        suggestions=await suggesting.mine(tx, citizen.id),
        supported=await suggesting.supported_by(tx, citizen.id),
        mail=await delivering.mail_kept(tx, citizen.id),
        ratings=await answering.count_rated(tx, citizen.id),
        enquiries=await answering.enquiries_of(tx, citizen.id),
        files=await suggesting.count_files(tx, citizen.id),
        is_staff_chat=await delivering.is_staff_chat(tx, citizen.id),
    )


def _said_before(before: Before, plan: Mapping[str, Commitment], lang: Lang, at: datetime) -> list[str]:
    named = (subscribing.name_of(plan, f.commitment, lang) for f in before.follows)
    follows = [f"· {name}: {text(lang, f.frequency.wording)}" for name, f in zip(named, before.follows, strict=True)]
    return [*follows, *subscribing.said_settings(lang, before.settings, list(before.follows), at=at)]


async def erase(tx: AsyncSession, citizen: CitizenId, *, at: datetime) -> None:
    """Erase a citizen. Suggestions lose their author; those not yet answered lose their text too.

    Questions to staff go with the answers to them, and so does what staff noted.
    """
    await reviewing.erase_notes(tx, citizen)
    await suggesting.disown_files(tx, citizen)
    await suggesting.disown(tx, citizen, at=at)
    await suggesting.unsupport_all(tx, citizen)
    await answering.erase_enquiries(tx, citizen)
    await citizens.erase(tx, citizen)
