"""What waits for the staff, told in their chats: gathered, by day, at most once an hour, and only if there is news."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, text, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from flows import answering, commitments, delivering, suggesting, wording
from flows.city import Both
from flows.reviewing.views import waiting
from flows.store.tables.suggesting import IS_FLAGGED, SuggestionRow
from flows.subscribing import next_decent_moment
from flows.suggesting import OPEN, WAITING, Status
from flows.wording import N_, Lang

SUBJECT = "waiting/"
EVERY = timedelta(hours=1)

# What is new since the last message, a line each where there is some.
NEW = {
    "received": N_("· New suggestions: {count}"),
    "soon": N_("· Suggestions that are due soon now: {count}"),
    "overdue": N_("· Suggestions that became overdue: {count}"),
    "contested": N_("· Decisions that their authors contest: {count}"),
    "flagged": N_("· Flagged as personal data or abuse: {count}"),
    "asked": N_("· New questions to the staff: {count}"),
    "plan_near": N_("· Milestones of the plan that are due soon now: {count}"),
    "plan_overdue": N_("· Milestones of the plan that became overdue: {count}"),
    "plan_silent": N_("· Milestones of the plan of which nothing was heard for too long: {count}"),
}


async def tell_what_waits(tx: AsyncSession, *, at: datetime) -> None:
    """Tell the staff chats what has come since they were last told, and how much waits in all."""
    last = await delivering.last_told_staff(tx, SUBJECT)
    if next_decent_moment(at) != at or (last is not None and at - last < EVERY):
        return
    new = await _new(tx, last, at)
    if not any(new.values()):
        return
    all_of = await waiting(tx, at=at)

    def said(lang: Lang) -> str:
        lines = [wording.text(lang, N_("New for the staff:"))]
        lines += [wording.text(lang, NEW[kind], count=count) for kind, count in new.items() if count]
        if all_of.oldest:
            lines.append(wording.text(lang, N_("Suggestions that wait in all: {count}"), count=all_of.count))
            days = (at - all_of.oldest).days
            lines.append(wording.text(lang, N_("Days that the oldest has waited: {days}"), days=days))
        return "\n".join(lines)

    await delivering.tell_staff(tx, f"{SUBJECT}{at.isoformat()}", Both.said(said), at=at)


async def _new(tx: AsyncSession, last: datetime | None, at: datetime) -> dict[str, int]:
    """How many of each are new since `last`; all that there are where nothing was told yet."""
    of = SuggestionRow

    def since(column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]) -> ColumnElement[bool]:
        return true() if last is None else column > last

    waits, soon = of.status.in_(WAITING), suggesting.warned_until(at)
    told_soon = at if last is None else max(at, suggesting.warned_until(last))  # what was within it has been told
    conditions = {
        "received": (of.status == Status.RECEIVED, since(of.created_at)),
        "soon": (waits, of.due_at > told_soon, of.due_at <= soon),
        "overdue": (waits, of.due_at <= at, since(of.due_at)),
        "contested": (of.contested_at.is_not(None), of.due_at.is_not(None), since(of.contested_at)),
        "flagged": (of.status.in_(OPEN), text(IS_FLAGGED), since(of.created_at)),
    }
    counts = [select(func.count(of.id)).where(*what).scalar_subquery() for what in conditions.values()]
    found = dict(zip(conditions, (await tx.execute(select(*counts))).one(), strict=True))
    asked = await answering.count_waiting(tx, since=last)
    plan = {f"plan_{kind}": count for kind, count in (await commitments.count_new(tx, since=last)).items()}
    return found | plan | {"asked": asked}
