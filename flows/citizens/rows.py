"""The citizen's row: locked while their message is answered, so that two of theirs never cross."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, Text, case, cast, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from flows.errors import NotFound
from flows.messages import ChannelName, Citizen, CitizenId, Message, Step, Turn
from flows.store.tables.citizens import AnsweredRow, CitizenRow
from flows.wording import N_, Lang, as_lang

REPEATS_KNOWN_FOR = timedelta(days=1)


class NoSuchCitizen(NotFound):
    message = N_("Nothing is held about {address} in {channel}.")


async def arrive(
    tx: AsyncSession, message: Message, lang: Lang, announcement: ScalarSelect[int], edition: ScalarSelect[int]
) -> Citizen:
    """The citizen behind `message`, made if new (speaking `lang`) and locked until the transaction ends.

    `announcement` and `edition` are asked for in the same statement: every message needs them.
    """
    # What the row was before this statement: the subquery sees the database as it was when the statement began.
    before = aliased(CitizenRow)
    is_theirs = (before.channel == message.channel) & (before.address == message.address)
    gone = select(before.gone_at.is_not(None)).where(is_theirs).scalar_subquery()
    new = insert(CitizenRow).values(
        channel=message.channel, address=message.address, lang=lang, created_at=message.at, seen_at=message.at
    )
    seen = new.on_conflict_do_update(
        index_elements=["channel", "address"], set_={"seen_at": message.at, **_reachable(message.at)}
    ).returning(
        CitizenRow.id,
        CitizenRow.lang,
        CitizenRow.lang_chosen,
        CitizenRow.plain,
        CitizenRow.step,
        CitizenRow.topic,
        CitizenRow.others,
        CitizenRow.noticed_at,
        CitizenRow.announced,
        announcement.label("announcement"),
        edition.label("edition"),
        gone.label("came_back"),
    )
    row = (await tx.execute(seen)).one()
    return Citizen(
        id=CitizenId(row.id),
        channel=message.channel,
        address=message.address,
        lang=as_lang(row.lang),
        lang_chosen=row.lang_chosen,
        plain=row.plain,
        step=Step(**row.step) if row.step else None,
        topic=row.topic,
        others=tuple(row.others or ()),
        is_new=row.noticed_at is None,
        came_back=bool(row.came_back),
        announced=row.announced,
        announcement=row.announcement,
        edition=row.edition,
    )


async def meet(tx: AsyncSession, channel: ChannelName, address: str, lang: Lang, *, at: datetime) -> CitizenId:
    """Whoever is behind `address`, made if new, without a message of theirs; from now on spoken to in `lang`."""
    spoken = {"lang": lang, "lang_chosen": True, "seen_at": at}
    new = insert(CitizenRow).values(channel=channel, address=address, created_at=at, **spoken)
    met = new.on_conflict_do_update(index_elements=["channel", "address"], set_={**spoken, **_reachable(at)})
    return CitizenId((await tx.execute(met.returning(CitizenRow.id))).scalar_one())


async def move(tx: AsyncSession, channel: ChannelName, address: str, to: str) -> None:
    """A chat has another address from now on; nobody there is no harm."""
    there = (CitizenRow.channel == channel) & (CitizenRow.address == address)
    await tx.execute(update(CitizenRow).where(there).values(address=to))


async def leave(tx: AsyncSession, turn: Turn) -> None:
    """Keep what the turn leaves behind. Whoever was answered has been shown the present announcement."""
    step = {"waits_for": turn.step.waits_for, "draft": turn.step.draft} if turn.step else None
    await tx.execute(
        update(CitizenRow)
        .where(CitizenRow.id == turn.citizen.id)
        .values(
            lang=turn.speaks,
            lang_chosen=turn.lang_chosen,
            plain=turn.plain,
            step=step,
            topic=turn.topic,
            others=[*turn.others] or None,
            announced=turn.citizen.announcement,
            noticed_at=turn.at,
            **({} if step else {"reminded_at": None}),  # the next draft may be reminded of again
        )
    )


async def answered(
    tx: AsyncSession, citizen: CitizenId, message_id: str, answer: dict[str, Any] | None = None, *, at: datetime
) -> dict[str, Any] | None:
    """The first answer to this message. With `answer`, keep that as the first one."""
    if answer is not None:
        await tx.execute(insert(AnsweredRow).values(citizen_id=citizen, message_id=message_id, answer=answer, at=at))
        return answer
    return await tx.scalar(
        select(AnsweredRow.answer).where(AnsweredRow.citizen_id == citizen, AnsweredRow.message_id == message_id)
    )


async def forget_answers(tx: AsyncSession, *, at: datetime) -> None:
    """Drop the answers that no channel will ask for again."""
    await tx.execute(delete(AnsweredRow).where(AnsweredRow.at < at - REPEATS_KNOWN_FOR))


async def take_out(tx: AsyncSession, citizen: CitizenId | None, receipt: str, words: str, cover: str) -> None:
    """Put `cover` in the place of `words` in the answers kept against repeats: a citizen's, and any on `receipt`."""
    answer = cast(AnsweredRow.answer, Text)
    theirs = or_(AnsweredRow.citizen_id == citizen, answer.contains(receipt, autoescape=True))
    for row in await tx.scalars(select(AnsweredRow).where(theirs)):
        row.answer = _without(row.answer, words, cover)


def _without(kept: Any, words: str, cover: str) -> Any:  # JSON: whatever an answer holds
    if isinstance(kept, str):
        return kept.replace(words, cover)
    if isinstance(kept, list):
        return [_without(part, words, cover) for part in kept]
    return {key: _without(part, words, cover) for key, part in kept.items()} if isinstance(kept, dict) else kept


async def mark_gone(tx: AsyncSession, citizen: CitizenId, *, at: datetime) -> None:
    """The channel says that this person blocked us or is no more; their next message takes it back."""
    await tx.execute(update(CitizenRow).where(CitizenRow.id == citizen).values(gone_at=at))


async def lost(tx: AsyncSession, channel: ChannelName, address: str, *, at: datetime) -> CitizenId | None:
    """The same, by the channel's own address, and who it was; nobody there is no harm."""
    them = (CitizenRow.channel == channel) & (CitizenRow.address == address)
    found = await tx.scalar(update(CitizenRow).where(them).values(gone_at=at).returning(CitizenRow.id))
    return None if found is None else CitizenId(found)


async def find(tx: AsyncSession, channel: str, address: str) -> CitizenId:
    """Who somebody is, by channel and address. Raises NoSuchCitizen."""
    found = await tx.scalar(select(CitizenRow.id).where(CitizenRow.channel == channel, CitizenRow.address == address))
    if found is None:
        raise NoSuchCitizen(channel=channel, address=address)
    return CitizenId(found)


async def times_of(tx: AsyncSession, citizen: CitizenId) -> tuple[datetime, datetime, datetime | None]:
    """When somebody first wrote, when last, and when they were reminded of what they have begun."""
    times = CitizenRow.created_at, CitizenRow.seen_at, CitizenRow.reminded_at
    first, last, reminded = (await tx.execute(select(*times).where(CitizenRow.id == citizen))).one()
    return first, last, reminded


def at_step(begin: str) -> Select[int]:
    """The citizens whose open step has a name that begins so."""
    return select(CitizenRow.id).where(CitizenRow.step["waits_for"].astext.startswith(begin))


async def forget_steps(tx: AsyncSession, begin: str, *, before: datetime) -> None:
    """Drop the open steps whose names begin so, of all who have not written since `before`."""
    left = CitizenRow.step["waits_for"].astext.startswith(begin) & (CitizenRow.seen_at < before)
    await tx.execute(update(CitizenRow).where(left).values(step=None, reminded_at=None))


async def mark_reminded(
    tx: AsyncSession, begin: str, *, after: datetime, before: datetime, at: datetime
) -> list[CitizenId]:
    """Who last wrote between `after` and `before`, left words in a step whose name begins so, and was not reminded.

    They count as reminded from now on, until that step is over.
    """
    left_words = CitizenRow.step["waits_for"].astext.startswith(begin) & CitizenRow.step["draft"].has_key("text")
    marked = (
        update(CitizenRow)
        .where(left_words, CitizenRow.seen_at > after, CitizenRow.seen_at <= before)
        .where(CitizenRow.reminded_at.is_(None), CitizenRow.gone_at.is_(None))
        .values(reminded_at=at)
        .returning(CitizenRow.id)
    )
    return [CitizenId(citizen) for citizen in await tx.scalars(marked)]


async def erase(tx: AsyncSession, citizen: CitizenId) -> None:
    """Erase the row; follows, deliveries, mail, kept answers and ratings go with it."""
    await tx.execute(delete(CitizenRow).where(CitizenRow.id == citizen))


def _reachable(at: datetime) -> dict[str, Any]:
    """What is kept of somebody who is heard of again."""
    return {"gone_at": None, "back_at": case((CitizenRow.gone_at.is_not(None), at), else_=CitizenRow.back_at)}
