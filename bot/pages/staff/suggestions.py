"""The queue of suggestions, and one suggestion with its history and the form that answers it."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import Field, Parts, Reading, Sending, console, read_id, router, see_other, typed
from flows import commitments, reviewing, suggesting
from flows.accounts import Session
from flows.city import Both, city
from flows.errors import Conflict, Invalid
from flows.messages import clean
from flows.reviewing import NEEDS_ANSWER, NEXT, AnswerMissing, Review
from flows.suggesting import Status, StatusMoved, Suggestion
from flows.wording import N_, Lang

PAGE = 20
WORDS_MOST_CHARS = 200
ANSWER_MOST_CHARS = 4_000


class StateMissing(Invalid):
    """The form came without a state that this suggestion can take."""

    field = "to"
    message = N_("Please choose the new state.")


class AnswerTooLong(Invalid):
    message = N_("Please keep the answer to {most} characters. This one has {length}.")


class AnswerNotWanted(Invalid):
    """The state takes no answer: what was written would be lost."""

    field = "answer"
    message = N_("This state takes no answer. Please empty both fields or choose another state.")


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the queue somebody wants to see."""

    state: Status | None
    commitment: str
    theme: str
    words: str
    before: int | None

    @property
    def is_empty(self) -> bool:
        return not (self.state or self.commitment or self.theme or self.words)

    def url(self, *, before: int | None = None) -> str:
        """The address of this part of the queue, from the id `before` on."""
        query = {
            "state": self.state or "",
            "commitment": self.commitment,
            "theme": self.theme,
            "words": self.words,
            "before": before or "",
        }
        kept = urlencode({name: str(value) for name, value in query.items() if value})
        return f"/staff?{kept}" if kept else "/staff"


def asked(
    state: Annotated[str, Query()] = "",
    commitment: Annotated[str, Query()] = "",
    theme: Annotated[str, Query()] = "",
    words: Annotated[str, Query()] = "",
    before: Annotated[str, Query()] = "",
) -> Filter:
    """A filter out of an address; what makes no sense there is left out."""
    return Filter(
        state=Status(state) if state in set(Status) else None,
        commitment=clean(commitment),
        theme=theme if theme in city().themes else "",
        words=clean(words)[:WORDS_MOST_CHARS],
        before=read_id(before),
    )


@dataclass(frozen=True, slots=True)
class Queue:
    """The page of the queue."""

    filter: Filter
    rows: list[Suggestion]
    counts: dict[Status, int]
    total: int
    commitments: dict[str, str]
    themes: dict[str, str]
    states: tuple[Status, ...]
    older_url: str | None
    newest_url: str | None


@router.get("")
async def queue(
    request: Request, session: Reading, damso: Parts, wanted: Annotated[Filter, Depends(asked)]
) -> Response:
    lang = lang_of(request)
    async with damso.db.transaction() as tx:
        rows = await suggesting.search(
            tx,
            statuses=(wanted.state,) if wanted.state else (),
            commitment=wanted.commitment or None,
            theme=wanted.theme or None,
            words=suggesting.read_receipt(wanted.words) or wanted.words,
            before=wanted.before,
            limit=PAGE + 1,
        )
        counts = await suggesting.counts(tx)
        titles = await _titles(tx, lang)
    view = Queue(
        filter=wanted,
        rows=rows[:PAGE],
        counts={status: counts.get(status, 0) for status in Status},
        total=sum(counts.values()),
        commitments=titles,
        themes=_themes(lang),
        states=tuple(Status),
        older_url=wanted.url(before=rows[PAGE - 1].id) if len(rows) > PAGE else None,
        newest_url=wanted.url() if wanted.before else None,
    )
    return console(request, session, "staff/queue.html", view=view)


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """A decision as it was sent; nothing of it is checked yet."""

    to: str
    ko: str
    en: str
    seen: str

    def decision(self) -> tuple[Status, Status, Both | None]:
        """The state that was seen, the one wanted, the answer.

        Raises StatusMoved, StateMissing, AnswerNotWanted, AnswerTooLong.
        """
        if self.seen not in set(Status):
            raise StateMissing
        seen = Status(self.seen)
        if self.to not in NEXT[seen]:
            raise StateMissing
        to = Status(self.to)
        if to not in NEEDS_ANSWER and (self.ko or self.en):
            raise AnswerNotWanted
        for field, text in (("answer_ko", self.ko), ("answer_en", self.en)):
            if len(text) > ANSWER_MOST_CHARS:
                too_long = AnswerTooLong(most=ANSWER_MOST_CHARS, length=len(text))
                too_long.field = field
                raise too_long
        return seen, to, Both(ko=self.ko, en=self.en) if self.ko or self.en else None

    def errors(self, refused: Invalid, lang: Lang) -> dict[str, str]:
        """The sentence for each field that it is about."""
        said = refused.said(lang)
        if isinstance(refused, AnswerMissing):
            return {f"answer_{of}": said for of, text in (("ko", self.ko), ("en", self.en)) if not text}
        if isinstance(refused, AnswerNotWanted):
            return {f"answer_{of}": said for of, text in (("ko", self.ko), ("en", self.en)) if text}
        return {refused.field: said}


def answer_form(to: Field = "", answer_ko: Field = "", answer_en: Field = "", seen: Field = "") -> AnswerForm:
    return AnswerForm(to, typed(answer_ko), typed(answer_en), seen)


@dataclass(frozen=True, slots=True)
class OneSuggestion:
    """The page of one suggestion. `conflict`: why what was sent could not be done."""

    suggestion: Suggestion
    history: list[Review]
    commitment: str | None
    theme: str | None
    next: tuple[Status, ...]
    takes_no_answer: tuple[Status, ...]
    answer_most: int
    form: AnswerForm
    errors: dict[str, str]
    conflict: str | None
    is_saved: bool


@router.get("/suggestions/{receipt}")
async def show(request: Request, receipt: str, session: Reading, saved: Annotated[str, Query()] = "") -> Response:
    return await _page(request, session, receipt, AnswerForm("", "", "", ""), is_saved=bool(saved))


@router.post("/suggestions/{receipt}")
async def decide(
    request: Request, receipt: str, session: Sending, damso: Parts, form: Annotated[AnswerForm, Depends(answer_form)]
) -> Response:
    receipt = _receipt(receipt)
    try:
        seen, to, answer = form.decision()
        async with damso.db.transaction() as tx:
            public = f"{damso.settings.pages_url}/suggestions/{receipt}"
            await reviewing.decide(tx, receipt, to, answer, seen=seen, by=session.staff, at=damso.now(), page=public)
    except (Invalid, Conflict) as refused:
        return await _page(request, session, receipt, form, refused=refused)
    return see_other(f"/staff/suggestions/{receipt}?saved=1")


async def _page(
    request: Request,
    session: Session,
    receipt: str,
    form: AnswerForm,
    *,
    refused: Invalid | Conflict | None = None,
    is_saved: bool = False,
) -> Response:
    lang = lang_of(request)
    async with parts(request).db.transaction() as tx:
        suggestion = await suggesting.by_receipt(tx, _receipt(receipt))
        history = await reviewing.history(tx, suggestion)
        titles = await _titles(tx, lang)
    if refused and form.seen and form.seen != suggestion.status:
        refused = StatusMoved(receipt=suggestion.receipt)  # it matters more than what is wrong with the fields
    view = OneSuggestion(
        suggestion=suggestion,
        history=history,
        commitment=titles.get(suggestion.commitment or ""),
        theme=_themes(lang).get(suggestion.theme or ""),
        next=NEXT[suggestion.status],
        takes_no_answer=tuple(state for state in NEXT[suggestion.status] if state not in NEEDS_ANSWER),
        answer_most=ANSWER_MOST_CHARS,
        form=form,
        errors=form.errors(refused, lang) if isinstance(refused, Invalid) else {},
        conflict=refused.said(lang) if isinstance(refused, Conflict) else None,
        is_saved=is_saved,
    )
    status = status_of(refused) if refused else 200
    return console(request, session, "staff/suggestion.html", status=status, view=view)


def _receipt(asked: str) -> str:
    return suggesting.read_receipt(asked) or clean(asked)


async def _titles(tx: AsyncSession, lang: Lang) -> dict[str, str]:
    return {commitment.code: commitment.short.of(lang) for commitment in await commitments.all_of(tx)}


def _themes(lang: Lang) -> dict[str, str]:
    return {key: theme.of(lang) for key, theme in city().themes.items()}
