"""Changing an answer of the chatbot: the form, each text that was written, and which of them the bot says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from bot.channels.telegram.splitting import split
from bot.channels.telegram.writing import parts_of as messages_of
from bot.pages.lookup import read_id
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.content import PART_WORDING, parts_of
from bot.pages.staff.gate import (
    EditorReading,
    EditorSending,
    Field,
    NoAct,
    Parts,
    Reading,
    console,
    router,
    see_other,
    typed,
)
from flows import answering
from flows.accounts import Session
from flows.answering import (
    PART_MOST_CHARS,
    PARTS,
    AnswerMoved,
    Change,
    Desk,
    NoSuchVersion,
    Version,
    VersionState,
    doubt,
    read_sources,
    text_of,
)
from flows.city import day
from flows.errors import Conflict
from flows.messages import Reply, clean
from flows.topics import AnswerText, Source
from flows.wording import LANGS, N_, Lang, text

FILE = "file"  # in an address, in the place of a text's number
KAKAO_TEXT_MAX_CHARS = 1_000  # kakaobusiness.gitbook.io, skill_guide/answer_json_format: simpleText, text

CHANGED_WORDING = {
    **PART_WORDING,
    "sources": N_("Sources"),
    "as_of": N_("As of"),
    "review_by": N_("To be reviewed by"),
}
SAVED = {
    "propose": N_("Saved as a proposal. Citizens do not see it before it is put to use."),
    "use": N_("This text is in use now, in every chat and on every page."),
    "aside": N_("The proposal is set aside. It is kept with the other texts of this answer."),
}


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """A text as it was sent; nothing of it is checked yet. `began`: which text was in the fields at first."""

    words: Mapping[str, Mapping[Lang, str]]
    sources: tuple[str, ...]
    as_of: str
    review_by: str
    seen: str
    began: str

    @property
    def raw(self) -> dict[str, Any]:
        return {**self.words, "sources": self.sources, "as_of": self.as_of, "review_by": self.review_by}


async def answer_form(request: Request) -> AnswerForm:
    sent = await request.form()

    def field(name: str) -> str:
        written = sent.get(name)
        return "\n".join(line.rstrip() for line in typed(written).split("\n")) if isinstance(written, str) else ""

    return AnswerForm(
        words={part: {lang: field(f"{part}_{lang}") for lang in LANGS} for part in PARTS},
        sources=tuple(dict.fromkeys(clean(name) for name in sent.getlist("sources") if isinstance(name, str))),
        as_of=field("as_of"),
        review_by=field("review_by"),
        seen=field("seen"),
        began=field("began"),
    )


def filled(desk: Desk, begun: AnswerText) -> AnswerForm:
    """The form with a text in it."""
    said = {part: getattr(begun, part) for part in PARTS}
    return AnswerForm(
        words={part: {lang: words.of(lang) if words else "" for lang in LANGS} for part, words in said.items()},
        sources=begun.sources,
        as_of=begun.as_of,
        review_by=begun.review_by.isoformat(),
        seen=desk.seen,
        began=_newest(desk),
    )


@dataclass(frozen=True, slots=True)
class EditPage:
    """The form. `chosen` and `others` are sources, by id; `meanwhile` is what somebody else changed.

    `fields`: what each is called where an error is said.
    """

    name: str
    title: str
    parts: dict[str, str]
    form: AnswerForm
    chosen: dict[str, str]
    others: dict[str, str]
    part_most: int
    labels: dict[str, str]
    fields: dict[str, str]
    errors: dict[str, str]
    conflict: str | None
    meanwhile: list[Change]


@dataclass(frozen=True, slots=True)
class Length:
    """How long a part is: letters, and messages in Telegram and in KakaoTalk."""

    letters: int
    telegram: int
    kakao: int


@dataclass(frozen=True, slots=True)
class TextPage:
    """One text of an answer. `version` is None for the file's own.

    `changes`: what is different from the text that `beside` names. `needs_reader`: somebody else has to put it to use.
    """

    desk: Desk
    version: Version | None
    number: str
    title: str
    text: AnswerText
    cited: tuple[Source, ...]
    parts: list[tuple[str, dict[Lang, str]]]
    lengths: list[tuple[str, dict[Lang, Length]]]
    doubts: dict[Lang, str | None]
    is_in_use: bool
    is_usable: bool
    beside: str | None
    changes: list[Change]
    labels: dict[str, str]
    may_use: bool
    needs_reader: bool
    saved: str | None
    conflict: str | None


@router.get("/content/{name}/edit")
async def show_edit(
    request: Request, name: str, session: EditorReading, damso: Parts, start: Annotated[str, Query(alias="from")] = ""
) -> Response:
    """The form with the newest text in it, or with the one `from` which somebody wants to go on."""
    async with damso.db.transaction() as tx:
        desk = await answering.desk(tx, clean(name))
    words = _text(desk, start) if start else desk.newest
    return _edit_page(request, session, desk, filled(desk, words))


@router.post("/content/{name}/edit")
async def propose_answer(
    request: Request,
    name: str,
    session: EditorSending,
    damso: Parts,
    form: Annotated[AnswerForm, Depends(answer_form)],
) -> Response:
    name = clean(name)
    async with damso.db.transaction() as tx:
        desk = await answering.desk(tx, name)
    read = answering.read_answer(desk.file, form.raw)
    if isinstance(read, dict):
        errors = {field: wrong.said(lang_of(request)) for field, wrong in read.items()}
        return _edit_page(request, session, desk, form, errors=errors)
    try:
        async with damso.db.transaction() as tx:
            number = await answering.propose_answer(tx, name, read, seen=form.seen, by=session.staff, at=damso.now())
    except answering.NothingChanged as wrong:
        return _edit_page(request, session, desk, form, errors={wrong.field: wrong.said(lang_of(request))})
    except AnswerMoved as moved:
        async with damso.db.transaction() as tx:
            desk = await answering.desk(tx, name)
        return _edit_page(request, session, desk, form, conflict=moved)
    return see_other(f"/staff/content/{name}/texts/{number}?saved=propose")


@router.get("/content/{name}/texts/{number}")
async def show_text(
    request: Request, name: str, number: str, *, session: Reading, saved: Annotated[str, Query()] = ""
) -> Response:
    return await _text_page(request, session, name, number, saved=saved)


@router.post("/content/{name}/texts/{number}")
async def decide_text(
    request: Request, name: str, number: str, *, session: EditorSending, damso: Parts, act: Field = "", seen: Field = ""
) -> Response:
    name, by, at = clean(name), session.staff, damso.now()
    version = _number(number)
    try:
        match act:
            case "use":
                await answering.put_to_use(damso.db, name, version, seen=seen, by=by, at=at)
            case "aside" if version is not None:
                async with damso.db.transaction() as tx:
                    await answering.set_aside_version(tx, name, version, seen=seen, by=by, at=at)
            case _:
                raise NoAct
    except Conflict as refused:
        return await _text_page(request, session, name, number, conflict=refused)
    return see_other(f"/staff/content/{name}/texts/{number}?saved={act}")


def _edit_page(
    request: Request,
    session: Session,
    desk: Desk,
    form: AnswerForm,
    *,
    errors: dict[str, str] | None = None,
    conflict: AnswerMoved | None = None,
) -> Response:
    lang, sources = lang_of(request), {name: f"{it.title} ({it.publisher})" for name, it in read_sources().items()}
    meanwhile: list[Change] = []
    if conflict:
        meanwhile = _meanwhile(desk, form)
        # Whoever sends it once more has seen what the other wrote.
        form = AnswerForm(form.words, form.sources, form.as_of, form.review_by, desk.seen, _newest(desk))
    view = EditPage(
        name=desk.file.name,
        title=desk.file.title.of(lang),
        parts=PART_WORDING,
        form=form,
        chosen={name: sources.get(name, name) for name in form.sources},
        others={name: title for name, title in sources.items() if name not in form.sources},
        part_most=PART_MOST_CHARS,
        labels=CHANGED_WORDING,
        fields=_fields(lang),
        errors=errors or {},
        conflict=conflict.said(lang) if conflict else None,
        meanwhile=meanwhile,
    )
    status = 422 if errors else status_of(conflict) if conflict else 200
    return console(request, session, "staff/answer_edit.html", status=status, view=view)


def _fields(lang: Lang) -> dict[str, str]:
    in_language: dict[Lang, str] = {"ko": N_("{part} in Korean"), "en": N_("{part} in English")}
    words = {
        f"{part}_{of}": text(lang, said, part=text(lang, wording))
        for part, wording in PART_WORDING.items()
        for of, said in in_language.items()
    }
    return words | {field: text(lang, CHANGED_WORDING[field]) for field in ("sources", "as_of", "review_by")}


async def _text_page(
    request: Request, session: Session, name: str, number: str, *, saved: str = "", conflict: Conflict | None = None
) -> Response:
    lang, damso = lang_of(request), parts(request)
    today = day(damso.now())
    async with damso.db.transaction() as tx:
        desk = await answering.desk(tx, clean(name))
    of, words = _number(number), _text(desk, number)
    version = None if of is None else desk.version(of)
    cited = desk.topic_of(of).cited if desk.is_usable(words) else ()
    needs_reader = desk.needs_reader(of, session.staff)
    beside, before = _beside(desk, of)
    view = TextPage(
        desk=desk,
        version=version,
        number=number,
        title=desk.file.title.of(lang),
        text=words,
        cited=cited,
        parts=parts_of(words),
        lengths=[(part, {it: _length(said[it], cited, it) for it in LANGS}) for part, said in parts_of(words)],
        doubts={lang: doubt(words, today, lang) for lang in LANGS},
        is_in_use=of == desk.number_in_use,
        is_usable=desk.is_usable(words),
        beside=beside,
        changes=answering.changes(before, words),
        labels=CHANGED_WORDING,
        may_use=desk.is_usable(words) and not desk.has_in_use(of) and not needs_reader,
        needs_reader=needs_reader and not desk.has_in_use(of),
        saved=SAVED.get(saved),
        conflict=conflict.said(lang) if conflict else None,
    )
    status = status_of(conflict) if conflict else 200
    return console(request, session, "staff/answer_text.html", status=status, view=view)


def _beside(desk: Desk, number: int | None) -> tuple[str, AnswerText]:
    """The text to hold another against: what is in use; for that itself the file's when it is newer, else its own
    predecessor.
    """
    if number != desk.number_in_use:
        return N_("Compared with the text in use"), text_of(desk.in_use)
    earlier = [it for it in desk.versions if number and it.number < number and it.state is VersionState.USED]
    if earlier and not (desk.override and desk.override.is_older):
        return N_("Compared with the text before"), earlier[0].text
    return N_("Compared with the city's file"), text_of(desk.file)


def _meanwhile(desk: Desk, form: AnswerForm) -> list[Change]:
    """What somebody else changed since the form was opened; all that is different, where its text is not known."""
    try:
        return answering.changes(_text(desk, form.began), desk.newest)
    except NoSuchVersion:
        return []


def _newest(desk: Desk) -> str:
    number = desk.proposal.number if desk.proposal else desk.number_in_use
    return FILE if number is None else str(number)


def _text(desk: Desk, number: str) -> AnswerText:
    of = _number(number)
    return text_of(desk.file) if of is None else desk.version(of).text


def _number(written: str) -> int | None:
    """The number of a text; None for the file's own. Raises NoSuchVersion."""
    if written == FILE:
        return None
    number = read_id(written)
    if number is None:
        raise NoSuchVersion
    return number


def _length(said: str, cited: tuple[Source, ...], lang: Lang) -> Length:
    telegram = len(messages_of(Reply(said, sources=cited), lang))
    return Length(len(said), telegram, len(split(said, KAKAO_TEXT_MAX_CHARS)))
