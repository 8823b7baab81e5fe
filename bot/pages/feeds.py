"""Feeds: progress updates as Atom (RFC 4287), milestones as a calendar (RFC 5545).

Each of all commitments, and of one.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from icalendar import Calendar, Event
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import Damso
from bot.pages.fresh import Version
from bot.pages.rendering import lang_of, parts, template
from flows import commitments
from flows.city import city, day, zone
from flows.commitments import Commitment, Milestone, MilestoneState, Update, Versions
from flows.messages import clean
from flows.topics import first_day
from flows.wording import N_, Lang, text

router = APIRouter(tags=["open data"])
Parts = Annotated[Damso, Depends(parts)]
Language = Annotated[Lang, Depends(lang_of)]

type Revised = dict[tuple[str, int | None], datetime]  # by code and number

UPDATES_SHOWN = 20


@router.get("/feed.atom", response_class=Response)
async def feed(request: Request, damso: Parts, lang: Language) -> Response:
    """The newest progress updates."""
    async with damso.db.transaction() as tx:
        updates = await commitments.latest(tx, limit=UPDATES_SHOWN)
        plan = await commitments.all_of(tx)
    return _feed(request, lang, plan, updates, path="", about="/updates", name=text(lang, N_("Progress updates")))


@router.get("/commitments/{code}/feed.atom", response_class=Response)
async def commitment_feed(request: Request, code: str, damso: Parts, lang: Language) -> Response:
    """The newest progress updates of one commitment."""
    async with damso.db.transaction() as tx:
        c = await commitments.get(tx, clean(code).upper())
    updates, here = c.updates[:UPDATES_SHOWN], f"/commitments/{c.code}"
    return _feed(request, lang, [c], updates, path=here, about=here, name=c.short.of(lang))


@router.get("/calendar.ics", response_class=Response)
async def calendar(request: Request, damso: Parts, lang: Language) -> Response:
    """Every milestone on its day."""
    async with damso.db.transaction() as tx:
        plan = await commitments.all_of(tx)
        revised = await _revised(tx, plan)
    return _calendar(request, lang, plan, revised, text(lang, N_("Milestones of the action plan")))


@router.get("/commitments/{code}/calendar.ics", response_class=Response)
async def commitment_calendar(request: Request, code: str, damso: Parts, lang: Language) -> Response:
    """The milestones of one commitment, each on its day."""
    async with damso.db.transaction() as tx:
        c = await commitments.get(tx, clean(code).upper())
        revised = await _revised(tx, [c])
    return _calendar(request, lang, [c], revised, text(lang, N_("Milestones: {title}"), title=c.short.of(lang)))


def _feed(
    request: Request,
    lang: Lang,
    plan: Sequence[Commitment],
    updates: Sequence[Update],
    *,
    path: str,
    about: str,
    name: str,
) -> Response:
    """The feed at `path`; `about`: the page that says the same."""
    damso = parts(request)
    # With nothing published yet, as old as what is said of the plan: a time that does not move with each request.
    changed = max([u.shown_at for u in updates] or [_entered(c) for c in plan] or [damso.now()])
    atom = template(lang, "feeds/feed.atom").render(
        lang=lang,
        city=city(),
        url=damso.settings.pages_url,
        path=path,
        about=about,
        name=name,
        updates=updates,
        plan={c.code: c for c in plan},
        versions=Versions(u for c in plan for u in c.updates),
        changed=changed,
        is_demo=damso.is_demo,
    )
    version = Version.of(atom, changed)
    return version.unchanged(request) or version.on(Response(atom, media_type="application/atom+xml"))


def _entered(c: Commitment) -> datetime:
    """The beginning of what its state is said for."""
    return datetime.combine(first_day(c.status_as_of), time(), zone())


async def _revised(tx: AsyncSession, plan: Sequence[Commitment]) -> Revised:
    """When each milestone was last changed; those that are gone, and what is of no milestone (None), as well."""
    revised: Revised = {}
    for c in plan:
        newest_last = reversed(await commitments.changes_of(tx, c.code))
        revised |= {(c.code, change.milestone): change.at for change in newest_last}
    return revised


def _calendar(request: Request, lang: Lang, plan: Sequence[Commitment], revised: Revised, name: str) -> Response:
    damso = parts(request)
    dates = Calendar()
    dates.add("prodid", f"-//Damso//milestones//{lang.upper()}")
    dates.add("version", "2.0")
    dates.add("x-wr-calname", name)
    today = day(damso.now())
    times = [*revised.values()]
    for c in plan:
        for milestone in c.milestones:
            since = _since(milestone, revised.get((c.code, milestone.number), _entered(c)), today)
            dates.add_component(_event(damso, lang, c, milestone, since))
            times.append(since)
    ics = dates.to_ical()
    version = Version.of(ics, max(times, default=None))
    return version.unchanged(request) or version.on(Response(ics, media_type="text/calendar"))


def _since(milestone: Milestone, revised: datetime, today: date) -> datetime:
    """Since when its entry says what it says: what is late became so by itself on the day after."""
    if milestone.shown_state(today) is milestone.state:
        return revised
    return max(revised, datetime.combine(milestone.due + timedelta(days=1), time(), zone()))


def _event(damso: Damso, lang: Lang, c: Commitment, milestone: Milestone, revised: datetime) -> Event:
    url = damso.settings.pages_url
    title = f"{milestone.title.of(lang)} · {c.short.of(lang)}"
    event = Event()
    event.add("uid", f"milestone-{milestone.id}@{url.partition('://')[2]}")
    # In a calendar that is published, this is when the entry was last revised (RFC 5545, 3.8.7.2), and not the present.
    event.add("dtstamp", revised)
    event.add("last-modified", revised)
    event.add("dtstart", milestone.due)
    event.add("dtend", milestone.due + timedelta(days=1))
    summary = text(lang, N_("[Demonstration] {text}"), text=title) if damso.is_demo else title
    event.add("summary", summary, {"language": lang})
    event.add("description", text(lang, milestone.shown_state(day(damso.now())).wording), {"language": lang})
    event.add("status", "CANCELLED" if milestone.state is MilestoneState.CANCELLED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # a date to know, and no time that is taken
    event.add("url", f"{url}/commitments/{c.code}?lang={lang}")
    return event
