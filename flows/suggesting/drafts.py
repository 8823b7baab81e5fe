"""Suggestions that were begun and not sent: their authors are reminded once, and then they are forgotten."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from flows import citizens, delivering
from flows.city import Both, city
from flows.delivering import Button
from flows.subscribing import next_decent_moment
from flows.suggesting.confirming import STEPS
from flows.wording import N_, text

REMIND_AFTER = timedelta(days=1)


async def remind_of_drafts(tx: AsyncSession, *, at: datetime) -> None:
    """Remind all who left a text a day ago, by day, once for each draft."""
    if next_decent_moment(at) != at:
        return
    kept = _kept()
    to_remind = await citizens.mark_reminded(tx, STEPS, after=at - kept, before=at - REMIND_AFTER, at=at)
    for citizen in to_remind:
        await delivering.tell(tx, citizen, f"draft/{citizen}/{at.isoformat()}", _words(), *_buttons(), at=at)


async def forget_drafts(tx: AsyncSession, *, at: datetime) -> None:
    """Forget what has been left for as long as the city keeps a draft."""
    await citizens.forget_steps(tx, STEPS, before=at - _kept())


def _kept() -> timedelta:
    return timedelta(days=city().suggestions.draft_kept_days)


def _words() -> Both:
    said = N_(
        "You began a suggestion and have not sent it. It is kept here until {days} days after your last message; then "
        "it is deleted. I will not remind you again."
    )
    return Both.said(lambda lang: text(lang, said, days=_kept().days))


def _buttons() -> list[Button]:
    labels = {"resume": N_("Go on with my suggestion"), "cancel": N_("Delete it")}
    return [Button.saying(label, f"submit_suggestion:{part}") for part, label in labels.items()]
