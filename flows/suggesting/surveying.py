"""Some weeks after a suggestion was carried out, its author is asked whether it really is."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows import delivering
from flows.city import Both, city
from flows.delivering import Button
from flows.messages import CitizenId, Reply, Turn, UnknownChoice
from flows.store.tables.suggesting import EventRow, SuggestionRow
from flows.subscribing import next_decent_moment
from flows.suggesting.history import note
from flows.suggesting.rows import by_receipt, change
from flows.suggesting.values import Actor, Kind, Status
from flows.wording import N_, text

SAID = {"yes": N_("Yes, really"), "no": N_("No, not really")}
REALLY_DONE = {
    True: N_("Its author says that it really is carried out."),
    False: N_("Its author says that it is not really carried out."),
}


async def survey(tx: AsyncSession, *, at: datetime) -> None:
    """Ask the authors whose time has come, by day, each of them once.

    That the question went out is no change of the suggestion: its version stays.
    """
    if next_decent_moment(at) != at:
        return
    since = at - timedelta(days=city().suggestions.survey_after_days)
    row, event = SuggestionRow, EventRow
    is_long_done = exists().where(event.suggestion_id == row.id, event.after == Status.DONE, event.at <= since)
    due = select(row.id).where(row.status == Status.DONE, row.surveyed_at.is_(None), row.citizen_id.is_not(None))
    asked = (
        update(row)
        .where(row.id.in_(due.where(is_long_done).with_for_update(skip_locked=True)))
        .values(surveyed_at=at)
        .returning(row.receipt, row.citizen_id)
    )
    for receipt, author in [(receipt, author) for receipt, author in await tx.execute(asked) if author is not None]:
        await delivering.tell(tx, CitizenId(author), f"{receipt}/survey", _question(receipt), *_buttons(receipt), at=at)


async def really_done(turn: Turn) -> list[Reply]:
    """`really_done:<receipt>:<yes or no>`; the other button takes the place of the first answer."""
    match turn.args:
        case (receipt, "yes" | "no" as said):
            s = await by_receipt(turn.tx, receipt)
        case _:
            raise UnknownChoice
    if s.citizen != turn.citizen.id or s.surveyed_at is None or s.status is not Status.DONE:
        raise UnknownChoice
    is_done = said == "yes"
    if s.really_done is not is_done:
        await change(turn.tx, receipt, SuggestionRow.status == s.status, at=turn.at, really_done=is_done)
        await note(turn.tx, s.id, Kind.SURVEYED, Actor.AUTHOR, words=said, at=turn.at)
    thanks = N_("Thank you. Your answer is shown beside the suggestion {receipt}, and staff see it.")
    return [turn.reply(thanks, turn.choice(N_("See its state"), f"suggestion_status:{receipt}"), receipt=receipt)]


def _question(receipt: str) -> Both:
    ask = N_("The city says that your suggestion {receipt} is carried out. Is it really? Your answer becomes public.")
    return Both.said(lambda lang: text(lang, ask, receipt=receipt))


def _buttons(receipt: str) -> list[Button]:
    return [Button.saying(label, f"really_done:{receipt}:{said}") for said, label in SAID.items()]
