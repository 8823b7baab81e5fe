"""Questions without a sure answer (답하지 못한 질문): what they meant, and what the bot is to learn of them."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Form, Query, Request
from fastapi.responses import Response

from bot import models
from bot.pages.lookup import read_id
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import (
    EditorSending,
    Field,
    NoAct,
    Parts,
    Reading,
    Sending,
    console,
    router,
    see_other,
)
from flows import answering
from flows.accounts import Session
from flows.answering import Group, QuestionState
from flows.errors import Conflict, Invalid
from flows.wording import N_

GROUPS_MOST, WORDINGS_MOST = 50, 20

# The three parts of the page: name, title, the states in it.
PARTS: dict[str, tuple[str, tuple[QuestionState, ...]]] = {
    "open": (N_("To be labelled"), (QuestionState.OPEN, QuestionState.REJECTED)),
    "proposed": (N_("Waiting for an editor"), (QuestionState.PROPOSED,)),
    "accepted": (N_("Accepted"), (QuestionState.ACCEPTED,)),
}
SAVED = {
    "label": N_("Saved as a proposal. An editor accepts or rejects it."),
    "dismiss": N_("Set aside. These questions are not shown again."),
    "accept": N_("Accepted. The bot learns it at the next training."),
    "reject": N_("Rejected. You find the questions among those to be labelled."),
}


@dataclass(frozen=True, slots=True)
class Questions:
    """The page. `unlearnt`: how many accepted examples the model in use does not know, looked up where they are shown.

    `refused`: why what was sent could not be done.
    """

    part: str
    tabs: dict[str, tuple[str, int]]
    groups: list[Group]
    are_more: bool
    wordings_most: int
    intents: dict[str, str]
    unlearnt: int | None
    saved: str | None
    refused: str | None


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """What was sent with one group of questions; nothing of it is checked yet."""

    ids: tuple[int, ...]
    intent: str
    act: str
    part: str


def question_form(
    ids: Annotated[list[str] | None, Form()] = None, intent: Field = "", act: Field = "", part: Field = ""
) -> QuestionForm:
    """`ids`: the ticked boxes, each of which holds the ids of one wording: `12,15`."""
    numbers = tuple(id_ for some in ids or () for number in some.split(",") if (id_ := read_id(number)) is not None)
    return QuestionForm(numbers, intent, act, part)


Sent = Annotated[QuestionForm, Depends(question_form)]


@router.get("/questions")
async def show_questions(
    request: Request, session: Reading, part: Annotated[str, Query()] = "", saved: Annotated[str, Query()] = ""
) -> Response:
    return await _page(request, session, part, saved=saved)


@router.post("/questions/label")
async def label(request: Request, session: Sending, damso: Parts, form: Sent) -> Response:
    try:
        async with damso.db.transaction() as tx:
            match form.act:
                case "label":
                    await answering.label(tx, form.ids, form.intent, by=session.staff, at=damso.now())
                case "dismiss":
                    await answering.dismiss(tx, form.ids, by=session.staff, at=damso.now())
                case _:
                    raise NoAct
    except (Invalid, Conflict) as refused:
        return await _page(request, session, "open", refused=refused)
    return see_other(f"/staff/questions?saved={form.act}")


@router.post("/questions/decide")
async def decide_question(request: Request, session: EditorSending, damso: Parts, form: Sent) -> Response:
    part = form.part if form.part in PARTS else "proposed"
    try:
        async with damso.db.transaction() as tx:
            match form.act:
                case "accept":
                    await answering.accept(tx, form.ids, by=session.staff, at=damso.now())
                case "reject":
                    await answering.reject(tx, form.ids, by=session.staff, at=damso.now())
                case _:
                    raise NoAct
    except (Invalid, Conflict) as refused:
        return await _page(request, session, part, refused=refused)
    return see_other(f"/staff/questions?part={part}&saved={form.act}")


async def _page(
    request: Request, session: Session, part: str, *, saved: str = "", refused: Invalid | Conflict | None = None
) -> Response:
    lang, damso = lang_of(request), parts(request)
    part = part if part in PARTS else "open"
    async with damso.db.transaction() as tx:
        counts = await answering.count_questions(tx)
        groups = await answering.list_questions(tx, PARTS[part][1])
        accepted = await answering.accepted_examples(tx) if part == "accepted" else []
        dropped = await answering.dropped_examples(tx) if part == "accepted" else []
    unlearnt = None
    if accepted or dropped:
        unlearnt = await asyncio.to_thread(models.count_unlearnt, damso.settings.data_dir, accepted, dropped)
    view = Questions(
        part=part,
        tabs={name: (title, sum(counts.get(s, 0) for s in states)) for name, (title, states) in PARTS.items()},
        groups=groups[:GROUPS_MOST],
        are_more=len(groups) > GROUPS_MOST,
        wordings_most=WORDINGS_MOST,
        intents=answering.intents(lang),
        unlearnt=unlearnt,
        saved=SAVED.get(saved),
        refused=refused.said(lang) if refused else None,
    )
    status = status_of(refused) if refused else 200
    return console(request, session, "staff/questions.html", status=status, view=view)
