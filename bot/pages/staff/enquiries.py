"""Questions that citizens asked the staff (시민 문의): who waits, and one question with the form that answers it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import Field, NoAct, Parts, Reading, Sending, console, router, see_other, typed
from bot.pages.staff.times import age
from flows import answering
from flows.accounts import Session
from flows.answering import REASONS, Enquiry, EnquiryMoved, EnquiryState, Freshness, NoSuchEnquiry
from flows.city import day
from flows.errors import Conflict, Invalid
from flows.topics import Topic
from flows.wording import N_, Lang

SHOWN_MOST = 50
SAVED = {
    "answer": N_("The answer is on its way to the citizen. At night it waits until the morning."),
    "close": N_("The question is closed, and its citizen will be told why. At night that waits until the morning."),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A question in the list: how long it has waited, and what the bot would have answered with."""

    enquiry: Enquiry
    age: str
    proposed: str | None


@dataclass(frozen=True, slots=True)
class Enquiries:
    """The page of all that wait."""

    rows: list[Listed]
    are_more: bool
    saved: str | None


@dataclass(frozen=True, slots=True)
class EnquiryForm:
    """What was sent about one question; nothing of it is checked yet."""

    act: str = ""
    answer: str = ""
    reason: str = ""


def enquiry_form(act: Field = "", answer: Field = "", reason: Field = "") -> EnquiryForm:
    return EnquiryForm(act, typed(answer), reason)


@dataclass(frozen=True, slots=True)
class OneEnquiry:
    """The page of one question. `conflict`: why what was sent could not be done."""

    enquiry: Enquiry
    age: str
    topic: Topic | None
    title: str | None
    freshness: Freshness | None
    answer_most: int
    reasons: dict[EnquiryState, str]
    form: EnquiryForm
    errors: dict[str, str]
    conflict: str | None


@router.get("/enquiries")
async def show_enquiries(
    request: Request, session: Reading, damso: Parts, saved: Annotated[str, Query()] = ""
) -> Response:
    lang, now = lang_of(request), damso.now()
    async with damso.db.transaction() as tx:
        waiting = await answering.waiting_enquiries(tx, limit=SHOWN_MOST + 1)
        topics = await answering.topics_in_use(tx)
    rows = [
        Listed(it, age(now - it.asked_at, lang), _title(topics.get(it.topic or ""), lang))
        for it in waiting[:SHOWN_MOST]
    ]
    view = Enquiries(rows, len(waiting) > SHOWN_MOST, SAVED.get(saved))
    return console(request, session, "staff/enquiries.html", view=view)


@router.get("/enquiries/{number}")
async def show_enquiry(request: Request, number: str, session: Reading) -> Response:
    return await _page(request, session, number)


@router.post("/enquiries/{number}")
async def deal_with_enquiry(
    request: Request,
    number: str,
    session: Sending,
    damso: Parts,
    form: Annotated[EnquiryForm, Depends(enquiry_form)],
) -> Response:
    id_, now = _id(number), damso.now()
    try:
        async with damso.db.transaction() as tx:
            match form.act:
                case "answer":
                    await answering.answer_enquiry(tx, id_, form.answer, by=session.staff, at=now)
                case "close":
                    await answering.close_enquiry(tx, id_, form.reason, by=session.staff, at=now)
                case _:
                    raise NoAct
    except (Invalid, Conflict) as refused:
        return await _page(request, session, number, form, refused)
    return see_other(f"/staff/enquiries?saved={form.act}")


async def _page(
    request: Request,
    session: Session,
    number: str,
    form: EnquiryForm | None = None,
    refused: Invalid | Conflict | None = None,
) -> Response:
    lang, now = lang_of(request), parts(request).now()
    async with parts(request).db.transaction() as tx:
        enquiry = await answering.enquiry(tx, _id(number))
        topic = (await answering.topics_in_use(tx)).get(enquiry.topic or "")
    if refused and enquiry.state is not EnquiryState.OPEN:
        refused = EnquiryMoved()  # it matters more than what is wrong with the fields
    view = OneEnquiry(
        enquiry=enquiry,
        age=age(now - enquiry.asked_at, lang),
        topic=topic,
        title=_title(topic, lang),
        freshness=answering.freshness(topic, day(now)) if topic else None,
        answer_most=answering.ANSWER_MOST_CHARS,
        reasons=REASONS,
        form=form or EnquiryForm(answer=answering.proposal(enquiry, topic, day(now))),
        errors={refused.field: refused.said(lang)} if isinstance(refused, Invalid) else {},
        conflict=refused.said(lang) if isinstance(refused, Conflict) else None,
    )
    status = status_of(refused) if refused else 200
    return console(request, session, "staff/enquiry.html", status=status, view=view)


def _id(number: str) -> int:
    id_ = read_id(number)
    if id_ is None:
        raise NoSuchEnquiry
    return id_


def _title(topic: Topic | None, lang: Lang) -> str | None:
    return topic.title.of(lang) if topic else None
