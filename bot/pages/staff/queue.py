"""The queue of suggestions: its views and filters, the next one to take, and how many there are at this moment."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Annotated
from urllib.parse import parse_qsl, urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from bot.pages.lookup import read_id
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import Field, Parts, Reading, Sending, console, router, see_other, typed
from bot.pages.staff.labels import colleague_labels, commitment_labels, district_labels, theme_labels
from bot.pages.staff.times import Due, age, due_of
from flows import accounts, reviewing, suggesting
from flows.accounts import Role, Session, Staff
from flows.city import city
from flows.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from flows.messages import clean
from flows.reviewing import MOST_AT_ONCE, SavedFilter, View, Waiting
from flows.suggesting import OPEN, Order, Status, Suggestion, Wanted
from flows.wording import LANGS, N_, as_lang

HOME = "/staff"
PAGE = 20
COUNTED_MOST = 1_000
WORDS_MOST_CHARS = 200
NOBODY = "none"
ORDERS = (Order.URGENT, Order.NEWEST, Order.SUPPORT)
SAVED = {
    "taken": N_("This suggestion is assigned to you now."),
    "nothing": N_("No waiting suggestion is left for you to take."),
    "filter": N_("The filter is saved. You find it under “My filters”."),
    "deleted": N_("The filter is deleted."),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the queue somebody wants to see, as its address has it; empty where nothing was asked.

    `assignee`: the id of a colleague, or `none` for what nobody has.
    """

    view: str = ""
    state: str = ""
    commitment: str = ""
    theme: str = ""
    district: str = ""
    written_in: str = ""
    assignee: str = ""
    words: str = ""
    order: str = ""

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in asdict(self).items() if value})

    @property
    def shown_view(self) -> View:
        """Whoever looks for words or a state looks everywhere; else the queue opens on what waits."""
        if self.view:
            return View(self.view)
        return View.ALL if self.words or self.state else View.WAITING

    @property
    def is_empty(self) -> bool:
        """Whether nothing but a view was asked for."""
        return replace(self, view="") == Filter()

    @property
    def is_more(self) -> bool:
        """Whether one of the less used fields is filled in."""
        return bool(self.district or self.written_in or self.assignee or self.order)

    def url(self, *, after: int | None = None, **notice: object) -> str:
        query = "&".join(part for part in (self.query, urlencode(notice | ({"after": after} if after else {}))) if part)
        return f"{HOME}?{query}" if query else HOME

    def wanted(self, staff: Staff, at: datetime) -> Wanted:
        view = reviewing.views(staff, at)[self.shown_view]
        return replace(
            view,
            statuses=(Status(self.state),) if self.state else view.statuses,
            commitment=self.commitment or None,
            theme=self.theme or None,
            district=self.district or None,
            lang=as_lang(self.written_in) if self.written_in else None,
            assignee=read_id(self.assignee) if self.assignee not in ("", NOBODY) else view.assignee,
            is_free=self.assignee == NOBODY,
            words=self.words,
            order=Order(self.order) if self.order else view.order,
        )


def read_filter(query: Mapping[str, str]) -> Filter:
    """A filter out of an address; what the queue does not know or what makes no sense is left out."""

    def one_of(name: str, known: object) -> str:
        value = query.get(name, "")
        return value if value in known else ""  # type: ignore[operator]  # sets and mappings of strings

    assignee = query.get("assignee", "")
    return Filter(
        view=one_of("view", set(View)),
        state=one_of("state", set(Status)),
        commitment=clean(query.get("commitment", ""))[:WORDS_MOST_CHARS],
        theme=one_of("theme", city().themes),
        district=one_of("district", city().districts),
        written_in=one_of("written_in", set(LANGS)),
        assignee=assignee if assignee == NOBODY or read_id(assignee) is not None else "",
        words=clean(query.get("words", ""))[:WORDS_MOST_CHARS],
        order=one_of("order", set(ORDERS)),
    )


def asked(request: Request) -> Filter:
    return read_filter(request.query_params)


def came_from(back: Field = "") -> Filter:
    """The filter that the page of a form was showing: forms carry it as `back`."""
    return read_filter(dict(parse_qsl(back)))


Asked = Annotated[Filter, Depends(asked)]
CameFrom = Annotated[Filter, Depends(came_from)]


@dataclass(frozen=True, slots=True)
class Row:
    """A suggestion in the queue. `holder`: who has it in hand, as colleagues call them."""

    suggestion: Suggestion
    due: Due | None
    about: str | None
    district: str | None
    holder: str | None
    is_mine: bool
    is_free: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """A view; its number is counted up to COUNTED_MOST."""

    view: View
    count: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """What changes while the page is open. `newest`: the last suggestion when it was opened; `come`: after that."""

    tabs: list[Tab]
    waiting: Waiting
    oldest: str
    newest: int
    come: int
    come_url: str


@dataclass(frozen=True, slots=True)
class Queue:
    """The page of the queue. `refused`: why what was sent could not be done."""

    filter: Filter
    counts: Counts
    rows: list[Row]
    states: tuple[Status, ...]
    orders: tuple[Order, ...]
    commitments: dict[str, str]
    themes: dict[str, str]
    districts: dict[str, str]
    colleagues: dict[int, str]
    may_assign: bool
    filters: list[SavedFilter]
    most_at_once: int
    older_url: str | None
    newest_url: str | None
    saved: str | None
    done: int
    refused: str | None


@router.get("")
async def show_queue(
    request: Request,
    session: Reading,
    wanted: Asked,
    *,
    after: Annotated[str, Query()] = "",
    saved: Annotated[str, Query()] = "",
    done: Annotated[str, Query()] = "",
) -> Response:
    return await queue_page(request, session, wanted, after=read_id(after), saved=saved, done=read_id(done) or 0)


@router.get("/queue/counts")
async def show_counts(request: Request, session: Reading, newest: Annotated[str, Query()] = "") -> Response:
    """What an open page asks for again and again; its script copies the numbers out of it."""
    counts = await _counts(request, session, Filter(), newest=read_id(newest))
    return console(request, session, "staff/counts.html", counts=counts)


@router.post("/queue/next")
async def take_next(session: Sending, damso: Parts, back: CameFrom) -> Response:
    async with damso.db.transaction() as tx:
        taken = await reviewing.take_next(tx, by=session.staff, at=damso.now())
    return see_other(f"{HOME}/suggestions/{taken.receipt}" if taken else back.url(saved="nothing"))


@router.post("/queue/take")
async def take_one(request: Request, session: Sending, damso: Parts, back: CameFrom, one: Field = "") -> Response:
    """The button in a row: `one` has the receipt and the version that was seen."""
    try:
        async with damso.db.transaction() as tx:
            for receipt, seen in read_chosen([one]).items():
                await reviewing.take(tx, receipt, by=session.staff, at=damso.now(), seen=seen)
    except (Conflict, NotAllowed) as refused:
        return await queue_page(request, session, back, refused=refused)
    return see_other(back.url(saved="taken"))


@router.post("/queue/filters")
async def save_filter(request: Request, session: Sending, damso: Parts, back: CameFrom, name: Field = "") -> Response:
    called = " ".join(typed(name).split())
    try:
        async with damso.db.transaction() as tx:
            await reviewing.save_filter(tx, called, back.query, by=session.staff, at=damso.now())
    except Invalid as refused:
        return await queue_page(request, session, back, refused=refused)
    return see_other(back.url(saved="filter"))


@router.post("/queue/filters/{number}/delete")
async def delete_filter(number: str, session: Sending, damso: Parts, back: CameFrom) -> Response:
    id_ = read_id(number)
    if id_ is None:
        raise NotFound
    async with damso.db.transaction() as tx:
        await reviewing.delete_filter(tx, id_, by=session.staff, at=damso.now())
    return see_other(back.url(saved="deleted"))


@router.get("/queue/{form:path}")
async def back_to_queue(session: Reading) -> Response:
    """Where the language switch on a refused form leads."""
    return see_other(HOME)


def read_chosen(ticked: list[str]) -> dict[str, int]:
    """Receipts with the version that was seen, as the boxes of the queue have them: `GJ-7K3M-9PQ2:4`."""
    pairs = (one.rpartition(":") for one in ticked)
    return {
        receipt: version
        for written, _, number in pairs
        if (receipt := suggesting.read_receipt(written)) and (version := read_id(number)) is not None
    }


async def queue_page(
    request: Request,
    session: Session,
    wanted: Filter,
    *,
    after: int | None = None,
    saved: str = "",
    done: int = 0,
    refused: Refused | None = None,
) -> Response:
    lang, now, staff = lang_of(request), parts(request).now(), session.staff
    counts = await _counts(request, session, wanted)
    async with parts(request).db.transaction() as tx:
        found = await suggesting.find(tx, wanted.wanted(staff, now), after=after, limit=PAGE + 1)
        commitments = await commitment_labels(tx, lang)
        everybody = await accounts.colleagues(tx)
        filters = await reviewing.saved_filters(tx, staff)
    if after and not found:  # what came before has moved on meanwhile
        return see_other(wanted.url())
    themes, districts = theme_labels(lang), district_labels(lang)
    called, soon = accounts.names(everybody), suggesting.warned_until(now)
    rows = [
        Row(
            suggestion=s,
            due=due_of(s, now, soon=soon),
            about=commitments.get(s.commitment or "") or themes.get(s.theme or ""),
            district=districts.get(s.place.district or ""),
            holder=called.get(s.holder(now) or 0) if s.status in OPEN else None,
            is_mine=s.status in OPEN and s.holder(now) == staff.id,
            is_free=s.status in OPEN and s.holder(now) is None,
        )
        for s in found[:PAGE]
    ]
    view = Queue(
        filter=wanted,
        counts=counts,
        rows=rows,
        states=tuple(Status),
        orders=ORDERS,
        commitments=commitments,
        themes=themes,
        districts=districts,
        colleagues=colleague_labels(everybody),
        may_assign=staff.role.covers(Role.EDITOR),
        filters=filters,
        most_at_once=MOST_AT_ONCE,
        older_url=wanted.url(after=found[PAGE - 1].id) if len(found) > PAGE else None,
        newest_url=wanted.url() if after else None,
        saved=SAVED.get(saved),
        done=done,
        refused=refused.said(lang) if refused else None,
    )
    return console(request, session, "staff/queue.html", status=status_of(refused) if refused else 200, view=view)


async def _counts(request: Request, session: Session, wanted: Filter, *, newest: int | None = None) -> Counts:
    lang, now, waiting = lang_of(request), parts(request).now(), request.state.queue
    async with parts(request).db.transaction() as tx:
        in_views = await suggesting.tally(tx, reviewing.views(session.staff, now), most=COUNTED_MOST + 1)
        come = 0 if newest is None else await reviewing.come_since(tx, newest)
        newest = await reviewing.newest(tx) if newest is None else newest
    tabs = [
        Tab(
            view,
            f"{count}" if count <= COUNTED_MOST else f"{COUNTED_MOST:,}+",
            Filter(view=view).url(),
            view is wanted.shown_view,
        )
        for view, count in in_views.items()
    ]
    return Counts(
        tabs=tabs,
        waiting=waiting,
        oldest=age(now - waiting.oldest, lang) if waiting.oldest else "",
        newest=newest,
        come=come,
        come_url=Filter(view=View.NEW, order=Order.NEWEST).url(),
    )
