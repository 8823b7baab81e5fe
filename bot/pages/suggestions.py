"""The public list of suggestions, and the page of one: what anybody may read, and no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Damso
from bot.pages.filters import Box
from bot.pages.lookup import looked_up, read_id
from bot.pages.rendering import lang_of, page, parts
from bot.pages.tracker import Following
from flows import commitments, suggesting
from flows.city import Both, Promise, city
from flows.messages import clean
from flows.store.keeping import TELEGRAM_LINK, kept
from flows.subscribing import THEME
from flows.suggesting import NOT_SHOWN, Event, Kind, Order, Status, Suggestion, Wanted
from flows.wording import N_, Lang, text, written_date

router = APIRouter(include_in_schema=False)
Parts = Annotated[Damso, Depends(parts)]

PAGE_SIZE = 20
COUNTED_MOST = 100
WORDS_MOST_CHARS = 200
SHOWN_STATES = tuple(status for status in Status if status not in NOT_SHOWN)
ORDERS = (Order.NEWEST, Order.SUPPORT, Order.WAITING)


# --- the list --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the list somebody wants to see, `after` the suggestion of that id."""

    wanted: Wanted
    after: int | None

    @property
    def is_filtered(self) -> bool:
        w = self.wanted
        return bool(w.words or w.statuses or w.theme or w.district or w.commitment)

    def url(self, *, after: int | None = None) -> str:
        w = self.wanted
        query = {
            "q": w.words,
            "status": w.statuses[0] if w.statuses else "",
            "theme": w.theme or "",
            "district": w.district or "",
            "commitment": w.commitment or "",
            "sort": w.order if w.order is not Order.NEWEST else "",
            "after": str(after or ""),
        }
        filled = urlencode({name: value for name, value in query.items() if value})
        return f"/suggestions?{filled}" if filled else "/suggestions"


async def asked(
    damso: Parts,
    *,
    q: Annotated[str, Query()] = "",
    status: Annotated[str, Query()] = "",
    theme: Annotated[str, Query()] = "",
    district: Annotated[str, Query()] = "",
    commitment: Annotated[str, Query()] = "",
    sort: Annotated[str, Query()] = "",
    after: Annotated[str, Query()] = "",
) -> Asked:
    """Out of an address; what makes no sense there is left out."""
    async with damso.db.transaction() as tx:
        named = await commitments.names(tx)
    wanted = Wanted(
        is_public=True,
        words=clean(q)[:WORDS_MOST_CHARS],
        statuses=(Status(status),) if status in SHOWN_STATES else (),
        theme=theme if theme in city().themes else None,
        district=district if district in city().districts else None,
        commitment=commitment if commitment in named else None,
        order=Order(sort) if sort in ORDERS else Order.NEWEST,
    )
    return Asked(wanted, read_id(after) or None)


@dataclass(frozen=True, slots=True)
class Listing:
    """The page of the list. `count` is the number found, at most COUNTED_MOST + 1. `following`: the theme asked for."""

    asked: Asked
    suggestions: list[Suggestion]
    count: int
    counted_most: int
    older_url: str | None
    newest_url: str | None
    filters: list[Box]
    titles: dict[str, Both]
    following: Following | None
    receipt: str
    example: str


@router.get("/suggestions")
async def suggestions(
    request: Request,
    damso: Parts,
    wanted: Annotated[Asked, Depends(asked)],
    receipt: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The published ones; `receipt` leads to the one that has it, public or not."""
    if known := suggesting.read_receipt(receipt):
        return RedirectResponse(f"/suggestions/{known}", 303)
    async with damso.db.transaction() as tx:
        titles, link = await commitments.names(tx), await kept(tx, TELEGRAM_LINK)
        found, count = await suggesting.find_and_count(
            tx, wanted.wanted, after=wanted.after, limit=PAGE_SIZE + 1, most=COUNTED_MOST + 1
        )
    view = Listing(
        asked=wanted,
        suggestions=found[:PAGE_SIZE],
        count=count,
        counted_most=COUNTED_MOST,
        older_url=wanted.url(after=found[PAGE_SIZE - 1].id) if len(found) > PAGE_SIZE else None,
        newest_url=wanted.url() if wanted.after else None,
        filters=_boxes(wanted.wanted, titles, lang_of(request)),
        titles=titles,
        following=Following.of(f"{THEME}{wanted.wanted.theme}", link) if wanted.wanted.theme else None,
        receipt=receipt,
        example=f"{city().receipt_prefix}-7K3M-9PQ2",
    )
    return page(request, "suggestions.html", status=422 if receipt else 200, view=view)


def _boxes(wanted: Wanted, titles: Mapping[str, Both], lang: Lang) -> list[Box]:
    every = ("", text(lang, N_("All")))

    def named(content: Mapping[str, Both]) -> list[tuple[str, str]]:
        return [every, *((key, name.of(lang)) for key, name in content.items())]

    states = [every, *((str(state), text(lang, state.wording)) for state in SHOWN_STATES)]
    orders = [(str(order), text(lang, order.wording)) for order in ORDERS]
    return [
        Box("status", text(lang, N_("Status")), states, wanted.statuses[0] if wanted.statuses else ""),
        Box("theme", text(lang, N_("Theme")), named(city().themes), wanted.theme or ""),
        Box("district", text(lang, N_("District")), named(city().districts), wanted.district or ""),
        Box("commitment", text(lang, N_("Commitment")), named(titles), wanted.commitment or ""),
        Box("sort", text(lang, N_("Order")), orders, wanted.order),
    ]


# --- one of them -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """What happened, in plain words; `words` is the answer or the reason that was given with it."""

    event: Event
    said: str
    words: Both | None


@dataclass(frozen=True, slots=True)
class Led:
    """A milestone or a progress update that the suggestion shaped."""

    url: str
    title: Both


@dataclass(frozen=True, slots=True)
class OneSuggestion:
    """The page of one. What is not public of it is left out already, save for the `suggestion` itself.

    `reason`: why it is hidden. `going_on`: the one that goes on for it; `merged`: those for which it goes on.
    `promise`: the city's rule, where supporters can still set it going. `following`: None where another goes on for it.
    """

    suggestion: Suggestion
    history: list[Line]
    reason: Both | None
    led_to: list[Led]
    going_on: Suggestion | None
    merged: list[Suggestion]
    promise: Promise | None
    following: Following | None
    telegram_url: str | None
    titles: dict[str, Both]


@router.get("/suggestions/{receipt}")
async def suggestion(receipt: str, request: Request, damso: Parts) -> Response:
    """Status and dates for whoever has the receipt; all the rest once it is public."""
    found = await looked_up(request, damso, receipt)
    async with damso.db.transaction() as tx:
        view = await _one(tx, found, lang_of(request))
        files = await suggesting.files_of(tx, found.id, only_published=True) if found.is_public else []
    return page(request, "suggestion.html", view=view, suggestion=found, files=files)


async def _one(tx: AsyncSession, s: Suggestion, lang: Lang) -> OneSuggestion:
    events = [event for event in await suggesting.history(tx, s) if event.kind in suggesting.PUBLIC_KINDS]
    going_on = await suggesting.going_on(tx, s.receipt) if s.status is Status.MERGED else s
    link, rules = await kept(tx, TELEGRAM_LINK), city().suggestions
    can_be_promised = s.is_supportable and s.promised_at is None and s.status in suggesting.OPEN
    return OneSuggestion(
        suggestion=s,
        history=[Line(event, said(event, lang), event.public) for event in events] if s.is_public else [],
        reason=await suggesting.why_hidden(tx, s),
        led_to=await _led_to(tx, s) if s.is_public else [],
        going_on=going_on if going_on.id != s.id and going_on.is_public else None,
        merged=await suggesting.find(tx, Wanted(is_public=True, merged_into=s.id)) if s.is_public else [],
        promise=rules.promise if can_be_promised else None,
        following=Following.of(s.receipt, link) if s.is_public and s.status is not Status.MERGED else None,
        telegram_url=f"{link}?start=support-{s.receipt}" if link and s.is_supportable else None,
        titles=await commitments.names(tx),
    )


async def _led_to(tx: AsyncSession, s: Suggestion) -> list[Led]:
    linked = await suggesting.links(tx, s)
    if not linked:
        return []
    plan = await commitments.all_of(tx)
    milestones = {m.id: Led(f"/commitments/{c.code}", m.title) for c in plan for m in c.milestones}
    updates = {u.id: Led(f"/commitments/{c.code}#update-{u.number}", u.text) for c in plan for u in c.updates}
    found = (milestones.get(one.milestone or 0) or updates.get(one.update or 0) for one in linked)
    return [led for led in found if led]


MOVED = {
    Status.RECEIVED: N_("It waits to be read again."),
    Status.IN_REVIEW: N_("Staff look at it."),
    Status.AUTHOR_ASKED: N_("Staff asked its author for more."),
    Status.ACCEPTED: N_("The city accepted it."),
    Status.PARTLY_ACCEPTED: N_("The city accepted a part of it."),
    Status.DECLINED: N_("The city did not accept it."),
    Status.ANSWERED_ELSEWHERE: N_("The city said where it is answered."),
    Status.DONE: N_("The city carried it out."),
    Status.MERGED: N_("It was merged with another suggestion. The city deals with both there."),
    Status.WITHDRAWN: N_("Its author took it back."),
    Status.HIDDEN: N_("Staff hid it."),
}
SAID = {
    Kind.SENT: N_("It was received."),
    Kind.PUBLISHED: N_("Staff published it."),
    Kind.CONTESTED: N_("Its author objected to the decision. Somebody else of the staff looks at it again."),
    Kind.CORRECTED: N_("The city corrected its answer."),
    Kind.LINKED: N_("It shaped a part of the action plan."),
    Kind.JOINED: N_("Another suggestion was merged with it."),
}


def said(event: Event, lang: Lang) -> str:
    """An event in plain words."""
    match event.kind:
        case Kind.MOVED if event.after is not None:
            return text(lang, MOVED[event.after])
        case Kind.RAISED:
            return text(lang, N_("{count} people support it."), count=event.words)
        case Kind.PROMISED:
            date = written_date(lang, event.words or "")
            return text(lang, N_("So many people support it that the city promises an answer by {date}."), date=date)
        case Kind.SURVEYED:
            done = N_("Its author says: it is really done.")
            return text(lang, done if event.words == "yes" else N_("Its author says: it is not done yet."))
    return text(lang, SAID[event.kind])
