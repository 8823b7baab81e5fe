"""One suggestion: read, decide and answer, and the rarer acts."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Form, Query, Request
from fastapi.responses import Response
from pydantic import AfterValidator
from sqlalchemy.ext.asyncio import AsyncSession

from bot.pages.lookup import read_id, receipt_in
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import Field, NoAct, Parts, Reading, Sending, console, router, see_other, typed
from bot.pages.staff.holding import Looking, hands_of
from bot.pages.staff.labels import commitment_labels, district_labels, theme_labels
from bot.pages.staff.previewing import Sample, samples
from bot.pages.staff.times import Due, due_of
from flows import reviewing, suggesting
from flows.accounts import NoColleague, Role, Session, Staff
from flows.city import Both
from flows.errors import Conflict, Invalid, NotAllowed, Refused
from flows.flagging import FLAG_WORDING
from flows.reviewing import AnswerMissing, Note, Proposal, ReasonMissing, Template
from flows.suggesting import ANSWERED, Event, Status, StatusMoved, Suggestion, move_between, next_for
from flows.wording import N_, Lang, text

# What is said once an act is done, by its name in the form.
SAVED = {
    "decide": N_("Saved. The state is now “{status}”."),
    "proposed": N_("Your decision waits for the approval of a colleague. Nobody else has been told yet."),
    "ask": N_("The question is on its way to the author."),
    "translate": N_("The translation is saved."),
    "moderate": N_("The public reads this text from now on. The original is kept."),
    "original": N_("The public reads the original again."),
    "flags": N_("The flags are gone."),
    "publish": N_("The suggestion is public now."),
    "unpublish": N_("The suggestion is no longer public."),
    "hide": N_("The suggestion is hidden."),
    "back": N_("The suggestion is no longer hidden. Its state is again “{status}”."),
    "merge": N_("The suggestion is merged. Its author and supporters are told the receipt number of the other one."),
    "commitment": N_("The commitment is saved."),
    "link": N_("The link is made."),
    "unlink": N_("The link is taken away."),
    "redact": N_("These words are gone for good."),
    "note": N_("The note is kept, for staff only."),
    "approve": N_("Approved. The state is now “{status}”."),
    "send_back": N_("The decision is sent back, with your note."),
}
TOLD = ("decide", "approve", "ask", "hide", "back", "merge")  # after which its author gets a message


class StateMissing(Invalid):
    """The form came without a state that this suggestion can take."""

    field = "to"
    message = N_("Please choose the new state.")


class AnswerNotWanted(Invalid):
    """The state takes no answer: what was written would be lost."""

    field = "answer"
    message = N_("This state takes no answer. Please empty both fields or choose another state.")


class TemplateNotChosen(Invalid):
    field = "template"
    message = N_("Please choose a template first.")


Words = Annotated[str, Form(), AfterValidator(typed)]


@dataclass(frozen=True, slots=True)
class SuggestionForm:
    """What was sent about one suggestion; nothing of it is checked yet.

    `act` is the button that was pressed, `seen` and `version` the state and version that its page showed.
    """

    act: Field = ""
    seen: Field = ""
    version: Field = ""
    to: Field = ""
    answer_ko: Words = ""
    answer_en: Words = ""
    template: Field = ""
    question: Words = ""
    translation: Words = ""
    shown_text: Words = ""
    reason_ko: Words = ""
    reason_en: Words = ""
    target: Words = ""
    link: Field = ""
    words: Words = ""
    note: Words = ""
    proposed_at: Field = ""

    @property
    def answer(self) -> Both:
        return Both(ko=self.answer_ko, en=self.answer_en)

    @property
    def reason(self) -> Both:
        return Both(ko=self.reason_ko, en=self.reason_en)

    @property
    def version_seen(self) -> int | None:
        return read_id(self.version)

    def decision(self) -> tuple[Status, Both | None]:
        """The state wanted and the answer. Raises StateMissing, AnswerNotWanted."""
        to = _state(self.to)
        has_answer = bool(self.answer.ko or self.answer.en)
        if to not in ANSWERED and has_answer:
            raise AnswerNotWanted
        return to, self.answer if has_answer else None

    def errors(self, refused: Invalid, lang: Lang) -> dict[str, str]:
        """The sentence for each field that it is about."""
        said = refused.said(lang)
        pairs = {"answer": self.answer, "reason": self.reason}
        if refused.field not in pairs:
            return {refused.field: said}
        is_empty = isinstance(refused, AnswerMissing | ReasonMissing)
        written = {f"{refused.field}_{of}": pairs[refused.field].of(of) for of in ("ko", "en")}
        return {name: said for name, words in written.items() if bool(words) is not is_empty} or {refused.field: said}


@dataclass(frozen=True, slots=True)
class Sent:
    """A form on its way to what it asks for. `pages`: the address under which the public pages are."""

    tx: AsyncSession
    receipt: str
    form: SuggestionForm
    by: Staff
    at: datetime
    pages: str

    @property
    def page(self) -> str:
        return f"{self.pages}/{self.receipt}"

    @property
    def how(self) -> dict[str, Any]:  # arguments, each of its own type
        """Who does it, when, and having seen which version."""
        return {"by": self.by, "at": self.at, "seen": self.form.version_seen}


@dataclass(frozen=True, slots=True)
class OneSuggestion:
    """The page of one suggestion. `conflict`: why what was sent could not be done; `changed`: what others did since.

    `next`: the states that the form of the decision offers; in an answered state the first is the one it has, which
    corrects the answer. `can`: the other acts that this member of staff may do now. `is_for_others`: they made the
    decision that is contested; `is_alone`, but nobody else can look at it.
    """

    suggestion: Suggestion
    history: list[Event]
    due: Due | None
    commitment: str | None
    theme: str | None
    district: str | None
    target: str | None
    next: tuple[Status, ...]
    takes_no_answer: tuple[Status, ...]
    can: frozenset[str]
    proposal: Proposal | None
    is_own_proposal: bool
    is_for_others: bool
    is_alone: bool
    before_hiding: Status | None
    notes: list[Note]
    templates: list[Template]
    commitments: dict[str, str]
    linked: dict[int, Both]
    linkable: dict[str, Both]
    answer_most: int
    question_most: int
    form: SuggestionForm
    preview: list[Sample] | None
    errors: dict[str, str]
    conflict: str | None
    changed: list[Event]
    saved: str | None
    is_told: bool


@router.get("/suggestions/{receipt}")
async def show(request: Request, receipt: str, session: Reading, saved: Annotated[str, Query()] = "") -> Response:
    return await _page(request, session, receipt_in(receipt), SuggestionForm(), saved=saved)


@router.post("/suggestions/{receipt}")
async def act(
    request: Request,
    receipt: str,
    session: Sending,
    damso: Parts,
    form: Annotated[SuggestionForm, Depends()],
) -> Response:
    """Every form of the page comes here: `act` says which."""
    form = replace(form, act=form.act or "decide")
    receipt, preview, saved = receipt_in(receipt), None, form.act
    try:
        async with damso.db.transaction() as tx:
            sent = Sent(tx, receipt, form, session.staff, damso.now(), f"{damso.settings.pages_url}/suggestions")
            match saved:
                case "use":
                    form = await _filled(sent)
                case "preview":
                    preview = await _preview(sent)
                case _ if saved in ACTS:
                    await ACTS[saved](sent)
                    if saved == "decide" and await _waits(sent):
                        saved = "proposed"
                case _:
                    raise NoAct
    except (Invalid, Conflict, NotAllowed) as refused:
        return await _page(request, session, receipt, form, refused=refused)
    if saved in ("use", "preview"):
        return await _page(request, session, receipt, form, preview=preview)
    return see_other(f"/staff/suggestions/{receipt}?saved={saved}")


@router.post("/suggestions/{receipt}/holder")
async def hold(
    request: Request,
    receipt: str,
    *,
    session: Sending,
    damso: Parts,
    act: Field = "",
    to: Field = "",
    version: Field = "",
) -> Response:
    receipt, by, now, seen = receipt_in(receipt), session.staff, damso.now(), read_id(version)
    try:
        async with damso.db.transaction() as tx:
            match act:
                case "take":
                    await reviewing.take(tx, receipt, by=by, at=now, seen=seen)
                case "release":
                    await reviewing.release(tx, receipt, by=by, at=now, seen=seen)
                case "assign":
                    id_ = read_id(to)
                    if id_ is None:
                        raise NoColleague
                    await reviewing.assign(tx, receipt, id_, by=by, at=now, seen=seen)
                case _:
                    raise NoAct
    except Conflict as refused:
        return await _page(request, session, receipt, SuggestionForm(version=version), refused=refused)
    return see_other(f"/staff/suggestions/{receipt}")


@router.get("/suggestions/{receipt}/holder")
async def back_to_suggestion(receipt: str, session: Reading) -> Response:
    """Where the language switch on a refused form leads."""
    return see_other(f"/staff/suggestions/{receipt_in(receipt)}")


async def _decide(sent: Sent) -> Suggestion:
    to, answer = sent.form.decision()
    seen, version = _state(sent.form.seen), sent.form.version_seen
    how: dict[str, Any] = {"by": sent.by, "at": sent.at, "page": sent.page}  # arguments, each of its own type
    if to is seen:
        return await reviewing.correct(sent.tx, sent.receipt, answer, seen=version, **how)
    return await reviewing.decide(sent.tx, sent.receipt, to, answer, seen=seen, version=version, **how)


# What the buttons of the page do, by the name that they send.
ACTS: dict[str, Callable[[Sent], Awaitable[object]]] = {
    "decide": _decide,
    "approve": lambda it: reviewing.approve(
        it.tx, it.receipt, proposed_at=_moment(it.form.proposed_at), by=it.by, at=it.at, page=it.page
    ),
    "send_back": lambda it: reviewing.send_back(
        it.tx, it.receipt, it.form.note, proposed_at=_moment(it.form.proposed_at), by=it.by, at=it.at
    ),
    "ask": lambda it: reviewing.ask_author(it.tx, it.receipt, it.form.question, **it.how),
    "translate": lambda it: reviewing.translate(it.tx, it.receipt, it.form.translation, **it.how),
    "moderate": lambda it: reviewing.moderate(it.tx, it.receipt, it.form.shown_text, **it.how),
    "original": lambda it: reviewing.moderate(it.tx, it.receipt, None, **it.how),
    "flags": lambda it: reviewing.clear_flags(it.tx, it.receipt, **it.how),
    "publish": lambda it: reviewing.publish(it.tx, it.receipt, **it.how),
    "unpublish": lambda it: reviewing.unpublish(it.tx, it.receipt, **it.how),
    "hide": lambda it: reviewing.hide(it.tx, it.receipt, it.form.reason, **it.how),
    "back": lambda it: reviewing.bring_back(it.tx, it.receipt, page=it.page, **it.how),
    "merge": lambda it: reviewing.merge(it.tx, it.receipt, it.form.target, pages=it.pages, **it.how),
    "commitment": lambda it: reviewing.sort_under_commitment(it.tx, it.receipt, it.form.link or None, **it.how),
    "link": lambda it: reviewing.link(it.tx, it.receipt, it.form.link, **it.how),
    "unlink": lambda it: reviewing.unlink(it.tx, it.receipt, read_id(it.form.link) or 0, **it.how),
    "redact": lambda it: reviewing.redact(it.tx, it.receipt, it.form.words, **it.how),
    "note": lambda it: reviewing.add_note(it.tx, it.receipt, it.form.note, by=it.by, at=it.at),
}


async def _filled(sent: Sent) -> SuggestionForm:
    """The form with a template under what was written so far. Raises TemplateNotChosen, NoSuchTemplate."""
    form, template = sent.form, read_id(sent.form.template)
    if template is None:
        raise TemplateNotChosen
    s = await suggesting.by_receipt(sent.tx, sent.receipt)
    words = await reviewing.filled(sent.tx, template, s, at=sent.at)
    answer = Both.said(lambda lang: "\n\n".join(filter(None, (form.answer.of(lang), words.of(lang)))))
    return replace(form, answer_ko=answer.ko, answer_en=answer.en, template="")


async def _preview(sent: Sent) -> list[Sample]:
    """What its author would get. Raises what deciding raises over the words."""
    to, answer = sent.form.decision()
    if to in ANSWERED:
        reviewing.checked(answer)
    s = await suggesting.by_receipt(sent.tx, sent.receipt)
    return samples(reviewing.words_to_author(s, to, answer, page=sent.page))


async def _waits(sent: Sent) -> bool:
    """Whether what was decided just now waits for a second person."""
    proposal = await reviewing.proposed(sent.tx, await suggesting.by_receipt(sent.tx, sent.receipt))
    return proposal is not None and (proposal.by.id, proposal.at) == (sent.by.id, sent.at)


async def _page(
    request: Request,
    session: Session,
    receipt: str,
    form: SuggestionForm,
    *,
    refused: Refused | None = None,
    preview: list[Sample] | None = None,
    saved: str = "",
) -> Response:
    lang, now, staff = lang_of(request), parts(request).now(), session.staff
    async with parts(request).db.transaction() as tx:
        s = await suggesting.by_receipt(tx, receipt)
        if refused and _is_behind(form, s):
            refused = StatusMoved(receipt=s.receipt)  # it matters more than what is wrong with the fields
        titles = await commitment_labels(tx, lang)
        proposal = await reviewing.proposed(tx, s)
        is_maker = await reviewing.contested_decision_of(tx, s) == staff.id
        is_alone = is_maker and await reviewing.is_alone(tx, staff, Role.REVIEWER)
        files = await suggesting.files_of(tx, s.id)
        hands = await hands_of(tx, s, staff, at=now)
        looking = Looking(s.receipt, await reviewing.looking(tx, s, staff, at=now))
        nexts = _next(staff.role, s)
        view = OneSuggestion(
            suggestion=s,
            history=await suggesting.history(tx, s),
            due=due_of(s, now, soon=suggesting.warned_until(now)),
            commitment=titles.get(s.commitment or ""),
            theme=theme_labels(lang).get(s.theme or ""),
            district=district_labels(lang).get(s.place.district or ""),
            target=(await suggesting.going_on(tx, s.receipt)).receipt if s.status is Status.MERGED else None,
            next=nexts,
            takes_no_answer=tuple(state for state in nexts if state not in ANSWERED),
            can=_can(staff.role, s),
            proposal=proposal,
            is_own_proposal=proposal is not None and proposal.by.id == staff.id,
            is_for_others=is_maker and not is_alone,
            is_alone=is_alone,
            before_hiding=await suggesting.before_hiding(tx, s),
            notes=await reviewing.notes(tx, s),
            templates=await reviewing.templates(tx),
            commitments=titles,
            linked={it.id: it.title for it in await reviewing.linked(tx, s)},
            linkable={name: reviewing.title_of(it) for name, it in (await reviewing.linkable(tx)).items()},
            answer_most=reviewing.ANSWER_MOST_CHARS,
            question_most=reviewing.QUESTION_MOST_CHARS,
            form=form if form.act else _begun(s),
            preview=preview,
            errors=form.errors(refused, lang) if isinstance(refused, Invalid) else {},
            conflict=refused.said(lang) if refused and not isinstance(refused, Invalid) else None,
            changed=await _changed(tx, s, form) if refused else [],
            saved=text(lang, SAVED[saved], status=text(lang, s.status.wording)) if saved in SAVED else None,
            is_told=saved in TOLD,
        )
    status = status_of(refused) if refused else 200
    return console(
        request,
        session,
        "staff/suggestion.html",
        status=status,
        view=view,
        files=files,
        hands=hands,
        looking=looking,
        flag_wording=FLAG_WORDING,
    )


def _begun(s: Suggestion) -> SuggestionForm:
    """What the fields hold before anybody has typed."""
    said = s.answer or Both(ko="", en="")
    return SuggestionForm(
        answer_ko=said.ko, answer_en=said.en, translation=s.translation or "", shown_text=s.public_text
    )


def _next(role: Role, s: Suggestion) -> tuple[Status, ...]:
    """What the decision can be. What asks the author, merges, hides or brings back has forms of its own."""
    if s.status is Status.HIDDEN:
        return ()
    as_it_is = (s.status,) if s.status in ANSWERED else ()
    return as_it_is + tuple(state for state in next_for(role, s.status) if state in (*ANSWERED, Status.IN_REVIEW))


def _can(role: Role, s: Suggestion) -> frozenset[str]:
    def may(to: Status) -> bool:
        move = move_between(s.status, to)
        return move is not None and move.role is not None and role.covers(move.role)

    is_open = s.status in suggesting.OPEN
    able = {
        "ask": may(Status.AUTHOR_ASKED) and s.citizen is not None,
        "merge": may(Status.MERGED),
        "hide": may(Status.HIDDEN) and (s.status is not Status.HIDDEN or s.due_at is not None),
        "back": s.status is Status.HIDDEN and role.covers(Role.EDITOR),
        "publish": s.published_at is None and (is_open or s.status in ANSWERED),
        "unpublish": s.published_at is not None and is_open,
        "redact": role.covers(Role.EDITOR),
        "templates": role.covers(Role.EDITOR),
    }
    return frozenset(name for name, is_able in able.items() if is_able)


def _is_behind(form: SuggestionForm, s: Suggestion) -> bool:
    """Whether somebody else has changed the suggestion since the form was shown."""
    return (form.seen not in ("", s.status)) or form.version_seen not in (None, s.version)


async def _changed(tx: AsyncSession, s: Suggestion, form: SuggestionForm) -> list[Event]:
    since = form.version_seen
    return await reviewing.what_changed(tx, s, since) if since is not None and since != s.version else []


def _state(written: str) -> Status:
    if written not in set(Status):
        raise StateMissing
    return Status(written)


def _moment(written: str) -> datetime:
    """When something was proposed, as its form has it. Raises NoAct."""
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        raise NoAct from None
