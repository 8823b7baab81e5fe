"""What in the plans wants a member of staff: milestones that are due soon, late, or of which nothing was heard."""

from dataclasses import dataclass
from datetime import date

from fastapi import Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.rendering import lang_of
from bot.pages.staff.gate import EditorReading, EditorSending, Parts, console, router, see_other
from flows import accounts, commitments
from flows.city import day
from flows.commitments import NoSuchMilestone, Task


@dataclass(frozen=True, slots=True)
class PlanTasks:
    """The page. `names`: what the commitments are called."""

    tasks: list[Task]
    names: dict[str, str]
    today: date


@router.get("/plan-tasks")
async def show_tasks(request: Request, session: EditorReading, damso: Parts) -> Response:
    lang = lang_of(request)
    async with damso.db.transaction() as tx:
        found, named = await commitments.tasks(tx), await commitments.names(tx)
    view = PlanTasks(found, {code: name.of(lang) for code, name in named.items()}, day(damso.now()))
    return console(request, session, "staff/plan_tasks.html", view=view)


@router.post("/plan-tasks/{number}")
async def acknowledge(number: str, session: EditorSending, damso: Parts) -> Response:
    id_, now = read_id(number), damso.now()
    if id_ is None:
        raise NoSuchMilestone
    async with damso.db.transaction() as tx:
        target = await commitments.acknowledge(tx, id_, by=session.staff, at=now)
        await accounts.audit(tx, session.staff, "milestone.acknowledged", target, at=now)
    return see_other("/staff/plan-tasks")


@router.get("/plan-tasks/{number}")
async def back_to_tasks(session: EditorReading) -> Response:
    """Where the language switch on a refused form leads."""
    return see_other("/staff/plan-tasks")
