"""What people say for each intent (의도): the examples that the bot learns from, and the forms that change them."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Query, Request
from fastapi.responses import Response

from bot import nlu
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import Field, NoAct, Parts, Reading, Sending, console, router, see_other, typed
from flows import answering
from flows.accounts import Session
from flows.answering import EXAMPLE_MOST_CHARS, Question, QuestionKind, QuestionState
from flows.errors import Conflict, Invalid, NotFound
from flows.messages import clean
from flows.wording import LANGS, N_, Lang, as_lang

SAVED = {
    "add": N_("Saved as a proposal. An editor accepts or rejects it."),
    "drop": N_("Saved as a proposal to drop it. An editor accepts or rejects it."),
}


class NoSuchIntent(NotFound):
    message = N_("There is no intent named {intent}.")


@dataclass(frozen=True, slots=True)
class Listed:
    """An intent in the list, and how many examples the training files have of it."""

    name: str
    title: str
    examples: dict[Lang, int]


@dataclass(frozen=True, slots=True)
class Spoken:
    """The examples of an intent in one language: those of the files, those beside them, and those that are to go."""

    files: list[str]
    kept: list[Question]
    dropped: dict[str, QuestionState]


@dataclass(frozen=True, slots=True)
class OneIntent:
    """The page of one intent. `typed` is what was sent in the field of a language, and `errors` is by language."""

    name: str
    title: str
    topic: str | None
    spoken: dict[Lang, Spoken]
    most: int
    typed: dict[Lang, str]
    errors: dict[str, str]
    saved: str | None
    conflict: str | None


@router.get("/intents")
async def show_intents(request: Request, session: Reading) -> Response:
    titles, files = answering.intents(lang_of(request)), nlu.examples()
    rows = [
        Listed(name, title, {lang: len(files.get((lang, name), ())) for lang in LANGS})
        for name, title in titles.items()
    ]
    return console(request, session, "staff/intents.html", rows=rows)


@router.get("/intents/{intent}")
async def show_intent(
    request: Request, intent: str, *, session: Reading, saved: Annotated[str, Query()] = ""
) -> Response:
    return await _page(request, session, intent, saved=saved)


@router.post("/intents/{intent}")
async def change_examples(
    request: Request,
    intent: str,
    *,
    session: Sending,
    damso: Parts,
    act: Field = "",
    lang: Field = "",
    example: Annotated[str, Form()] = "",
) -> Response:
    """Propose to learn `example`, or to drop it."""
    intent, of, words = clean(intent), as_lang(lang), typed(example)
    propose = {"add": answering.add_example, "drop": answering.drop_example}.get(act)
    if propose is None:
        raise NoAct
    try:
        async with damso.db.transaction() as tx:
            await propose(tx, of, intent, words, files=nlu.examples(), by=session.staff, at=damso.now())
    except (Invalid, Conflict) as refused:
        return await _page(request, session, intent, sent={of: words} if act == "add" else {}, of=of, refused=refused)
    return see_other(f"/staff/intents/{intent}?saved={act}")


async def _page(
    request: Request,
    session: Session,
    intent: str,
    *,
    sent: dict[Lang, str] | None = None,
    of: Lang = "ko",
    refused: Invalid | Conflict | None = None,
    saved: str = "",
) -> Response:
    lang, name = lang_of(request), clean(intent)
    title = answering.intents(lang).get(name)
    if title is None:
        raise NoSuchIntent(intent=name)
    async with parts(request).db.transaction() as tx:
        kept = await answering.examples_kept(tx, name)
    topic = name.removeprefix("ask_")
    view = OneIntent(
        name=name,
        title=title,
        topic=topic if topic != name and topic in answering.read_topics() else None,
        spoken={of: _spoken(name, of, kept) for of in LANGS},
        most=EXAMPLE_MOST_CHARS,
        typed=sent or {},
        errors={f"example_{of}": refused.said(lang)} if isinstance(refused, Invalid) else {},
        saved=SAVED.get(saved),
        conflict=refused.said(lang) if isinstance(refused, Conflict) else None,
    )
    return console(request, session, "staff/intent.html", status=status_of(refused) if refused else 200, view=view)


def _spoken(intent: str, lang: Lang, kept: list[Question]) -> Spoken:
    dropped = {it.text: it.state for it in kept if it.lang == lang and it.kind is QuestionKind.DROPPED}
    beside = [it for it in kept if it.lang == lang and it.kind is not QuestionKind.DROPPED]
    return Spoken([*nlu.examples().get((lang, intent), ())], beside, dropped)
