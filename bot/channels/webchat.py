"""The web chat's wire format: `POST /api/chat` in, JSON out, and a mailbox for what is pushed."""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Query, Request, UploadFile
from itsdangerous import BadSignature, Signer
from pydantic import BaseModel, ConfigDict, Field

from bot.app import Damso
from bot.pages.rendering import host_of, lang_of, parts
from flows import delivering
from flows.errors import Invalid, NotFound
from flows.messages import Answered, Choice, Message, clean
from flows.store.keeping import limit
from flows.wording import N_

router = APIRouter(tags=["chat"])
Parts = Annotated[Damso, Depends(parts)]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FILES_AN_HOUR_FROM_ADDRESS = 120
SALT = "damso.webchat"


class UnknownSession(NotFound):
    """A session that we did not issue, or whose signature is broken."""

    message = N_("This chat has ended or is not known here. Please start a new one.")


class TextAndChoice(Invalid):
    field = "choice"
    message = N_("Send either “text” or “choice”, and just one of them.")


class ChatIn(BaseModel):
    """One message of a citizen: words or a pressed button."""

    model_config = ConfigDict(extra="forbid")

    session: str | None = Field(None, max_length=200)
    text: str | None = None
    choice: str | None = Field(None, max_length=64)
    lang: Literal["ko", "en"] | None = None
    message_id: str | None = Field(None, min_length=1, max_length=100)


class FileIn(BaseModel):
    """A photo or a document of a citizen, with words or without. Its name and its stated type are not looked at."""

    file: UploadFile
    session: str | None = Field(None, max_length=200)
    text: str | None = None
    lang: Literal["ko", "en"] | None = None
    message_id: str | None = Field(None, min_length=1, max_length=100)


class ChoiceOut(BaseModel):
    label: str
    value: str


class SourceOut(BaseModel):
    title: str
    url: str | None
    as_of: str


class PictureOut(BaseModel):
    """A PNG picture on these pages, and what it shows in words."""

    url: str
    alt: str


class ReplyOut(BaseModel):
    text: str
    choices: list[ChoiceOut]
    topic: str | None = None
    sources: list[SourceOut]
    picture: PictureOut | None = None


class IntentOut(BaseModel):
    name: str
    confidence: float


class ChatOut(BaseModel):
    """The answer, and the session to send with the next message."""

    session: str
    lang: str
    intent: IntentOut
    intents: list[IntentOut]
    replies: list[ReplyOut]


class MailOut(BaseModel):
    id: int
    text: str
    choices: list[ChoiceOut]
    sent_at: str
    kind: str
    update: str | None = None


class MailsOut(BaseModel):
    messages: list[MailOut]


@router.post("/api/chat")
async def chat(request: Request, body: ChatIn, damso: Parts) -> ChatOut:
    """Answer one message. Without `session` a new one is issued; the same `message_id` twice has one effect."""
    if (body.text is None) == (body.choice is None):
        request.state.lang = body.lang
        raise TextAndChoice
    return await _answer(request, damso, body)


@router.post("/api/chat/files")
async def send_file(
    request: Request, body: Annotated[FileIn, Form(media_type="multipart/form-data")], damso: Parts
) -> ChatOut:
    """Take a JPEG, PNG or WebP picture or a PDF, at most 10 MB, for a suggestion; answered as `POST /api/chat` is."""
    async with damso.db.transaction() as tx:
        await limit(tx, damso.now(), HOUR, files_web=(host_of(request), FILES_AN_HOUR_FROM_ADDRESS))
    return await _answer(request, damso, body)


async def _answer(request: Request, damso: Damso, body: ChatIn | FileIn) -> ChatOut:
    request.state.lang = body.lang
    text, choice, file = None if body.text is None else clean(body.text), None, None
    if isinstance(body, FileIn):
        text, file = text or None, await body.file.read()
    elif body.choice is not None:
        choice = clean(body.choice)
    address = _address(damso, body.session) if body.session else secrets.token_urlsafe(16)
    at = damso.now()
    async with damso.db.transaction() as tx:
        await limit(tx, at, MINUTE, web=(host_of(request), damso.settings.chat_rate_per_address))
    answered = await damso.conversation.receive(
        Message(
            channel="web",
            address=address,
            at=at,
            text=text,
            choice=choice,
            file=file,
            id=body.message_id and clean(body.message_id),
            lang=body.lang or lang_of(request),
        )
    )
    return _out(damso, address, answered)


@router.get("/api/chat/messages")
async def messages(
    session: Annotated[str, Query(max_length=200)], damso: Parts, after: Annotated[int, Query(ge=0, le=2**62)] = 0
) -> MailsOut:
    """What was pushed to this session, oldest first, from the id after `after`."""
    async with damso.db.transaction() as tx:
        mails = await delivering.mail_for(tx, _address(damso, session), after=after)
    return MailsOut(
        messages=[
            MailOut(
                id=m.id,
                text=m.text,
                choices=_choices(m.choices),
                sent_at=m.sent_at.isoformat(),
                kind=m.kind,
                update=m.update,
            )
            for m in mails
        ]
    )


def _signer(damso: Damso) -> Signer:
    return Signer(damso.signing_key, salt=SALT)


def _address(damso: Damso, session: str) -> str:
    try:
        return _signer(damso).unsign(session.encode("utf-8", "replace")).decode()
    except BadSignature:
        raise UnknownSession from None


def _choices(choices: Iterable[Choice]) -> list[ChoiceOut]:
    return [ChoiceOut(label=c.label, value=c.value) for c in choices]


def _out(damso: Damso, address: str, answered: Answered) -> ChatOut:
    replies = [
        ReplyOut(
            text=reply.text,
            choices=_choices(reply.choices),
            topic=reply.topic,
            sources=[SourceOut(title=s.title, url=s.url, as_of=s.as_of) for s in reply.sources],
            picture=PictureOut(url=reply.picture.path, alt=reply.picture.alt) if reply.picture else None,
        )
        for reply in answered.replies
    ]
    intents = [IntentOut(name=i.name, confidence=round(i.confidence, 4)) for i in answered.intents]
    session = _signer(damso).sign(address.encode()).decode()
    return ChatOut(session=session, lang=answered.lang, intent=intents[0], intents=intents, replies=replies)
