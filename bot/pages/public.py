"""The pages for citizens: the chat, open data, privacy. `tracker` has the plan, `archive` what was sent."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, UploadFile
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Damso
from bot.channels import webchat
from bot.pages import problems
from bot.pages.rendering import lang_of, page, parts
from flows import commitments, suggesting
from flows.answering import doubt, read_topics, topics_in_use
from flows.city import city, day
from flows.errors import FlowError, NotFound
from flows.messages import clean
from flows.subscribing import ALL, THEME, Frequency, as_code, name_of
from flows.suggesting import NoSuchSuggestion, Suggestion
from flows.wording import N_, Lang, text

router = APIRouter(include_in_schema=False)
Parts = Annotated[Damso, Depends(parts)]


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing that another page sent the citizen to the chat for, with the button that does it."""

    said: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser without JavaScript sent, and what came back: an answer or `error`.

    `unsent`: the words of a message that was refused, to be changed and sent again.
    """

    said: str
    answered: webchat.ChatOut | None = None
    error: str = ""
    unsent: str = ""


class Sent(BaseModel):
    """The chat's form. `label` is what stood on the pressed button."""

    session: str | None = Field(None, max_length=200)
    text: str | None = None
    choice: str | None = Field(None, max_length=64)
    label: str = Field("", max_length=200)
    file: UploadFile | None = None


@router.get("/")
async def chat(
    request: Request,
    damso: Parts,
    follow: Annotated[str, Query(max_length=40)] = "",
    suggest: bool = False,
    choice: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """The web chat. `follow=<what>`, `suggest=1` and `choice=support:<receipt>` put that button under the greeting."""
    lang = lang_of(request)
    prompt = None
    if follow:
        prompt = await _follow(damso, as_code(clean(follow)), lang)
    elif choice:
        prompt = await _support(damso, clean(choice), lang)
    elif suggest:
        prompt = _suggest(lang)
    return _chat(request, prompt=prompt)


@router.post("/")
async def chat_without_javascript(request: Request, form: Annotated[Sent, Form()], damso: Parts) -> Response:
    """The same chat, a page for each message."""
    words = None if form.choice else form.text or ""
    said = clean(form.label or form.choice or form.text or "")
    session, status = form.session or "", 200
    try:
        if form.file and form.file.size:
            said = said or text(lang_of(request), N_("A photo or a document"))
            file = webchat.FileIn(file=form.file, session=session or None, text=words, lang=lang_of(request))
            answered = await webchat.send_file(request, file, damso)
        else:
            choice = form.choice or None
            sent = webchat.ChatIn(session=session or None, text=words, choice=choice, lang=lang_of(request))
            answered = await webchat.chat(request, sent, damso)
        asked, session = Asked(said, answered), answered.session
    except FlowError as error:
        status = problems.status_of(error)
        asked = Asked(said, error=error.said(lang_of(request)), unsent=clean(words or ""))
        session = "" if isinstance(error, NotFound) else session  # one that is not ours would be refused for ever
    return _chat(request, status=status, asked=asked, session=session)


def _chat(
    request: Request, *, status: int = 200, prompt: Prompt | None = None, asked: Asked | None = None, session: str = ""
) -> Response:
    return page(
        request,
        "chat.html",
        status=status,
        starters=starters(lang_of(request)),
        prompt=prompt,
        asked=asked,
        session=session,
        file_most_mb=suggesting.FILE_MOST_MB,
    )


@router.get("/open-data")
async def open_data(request: Request) -> Response:
    return page(request, "open_data.html")


@router.get("/privacy")
async def privacy(request: Request, damso: Parts) -> Response:
    async with damso.db.transaction() as tx:
        topic = (await topics_in_use(tx))["privacy"]
    doubted = doubt(topic, day(damso.now()), lang_of(request))
    return page(request, "privacy.html", topic=topic, doubt=doubted)


def starters(lang: Lang) -> list[tuple[str, str]]:
    """The first buttons, label and value: the city's own first topics, and what one can do."""
    topics = read_topics()
    return [
        *((topics[name].title.of(lang), f"ask:{name}") for name in city().first_topics),
        (text(lang, N_("See the commitments")), "list_commitments"),
        (text(lang, N_("Make a suggestion")), "submit_suggestion:start"),
        (text(lang, N_("Choose my alerts")), "subscription_settings"),
    ]


async def _follow(damso: Damso, code: str, lang: Lang) -> Prompt | None:
    async with damso.db.transaction() as tx:
        plan = {c.code: c for c in await commitments.all_of(tx)}
        suggestion = None if code in plan else await _public(tx, code)
    if code == ALL:
        ask = N_("Would you like news of all commitments?")
    elif code in plan:
        ask = N_("Would you like news of this commitment? {title}")
    elif code in {f"{THEME}{theme}" for theme in city().themes}:
        ask = N_("Would you like news of this theme? {title}")
    elif suggestion:
        ask = N_("Would you like to hear what becomes of this suggestion?\n\n“{text}”")
    else:
        return None
    title = name_of(plan, code, lang)
    said = text(lang, ask, title=title, text=suggestion.public_text_for(lang) if suggestion else "")
    return Prompt(said, text(lang, N_("Follow: {title}"), title=title), f"subscribe:{code}:{Frequency.INSTANT}")


async def _public(tx: AsyncSession, receipt: str) -> Suggestion | None:
    try:
        found = await suggesting.by_receipt(tx, receipt)
    except NoSuchSuggestion:
        return None
    return found if found.is_public else None


async def _support(damso: Damso, choice: str, lang: Lang) -> Prompt | None:
    """Of all buttons only this one: a link from elsewhere must not offer what its reader cannot judge."""
    receipt = suggesting.read_receipt(choice.removeprefix("support:"))
    if receipt is None or not choice.startswith("support:"):
        return None
    try:
        async with damso.db.transaction() as tx:
            wanted = await suggesting.by_receipt(tx, receipt)
    except NoSuchSuggestion:
        return None
    if not wanted.is_supportable:
        return None
    said = text(lang, N_("Do you support this suggestion?\n\n“{text}”"), text=wanted.public_text_for(lang))
    return Prompt(said, text(lang, N_("I support this")), f"support:{receipt}")


def _suggest(lang: Lang) -> Prompt:
    said = text(lang, N_("You can leave a suggestion here. You get a receipt number and see what becomes of it."))
    return Prompt(said, text(lang, N_("Make a suggestion")), "submit_suggestion:start")
