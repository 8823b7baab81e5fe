"""Feeds: progress updates as Atom (RFC 4287), milestones as a calendar (RFC 5545)."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from icalendar import Calendar, Event

from bot.app import Damso
from bot.pages.rendering import lang_of, parts, template
from flows import commitments
from flows.city import city
from flows.wording import N_, Lang, text

router = APIRouter(tags=["open data"])
Parts = Annotated[Damso, Depends(parts)]
Language = Annotated[Lang, Depends(lang_of)]


@router.get("/feed.atom", response_class=Response)
async def feed(damso: Parts, lang: Language) -> Response:
    """The newest progress updates."""
    async with damso.db.transaction() as tx:
        updates = await commitments.latest(tx)
        plan = {c.code: c for c in await commitments.all_of(tx)}
    url = damso.settings.pages_url
    changed = updates[0].shown_at if updates else damso.now()
    atom = template(lang, "feeds/feed.atom").render(
        lang=lang, city=city(), url=url, updates=updates, plan=plan, changed=changed, is_demo=damso.is_demo
    )
    return Response(atom, media_type="application/atom+xml")


@router.get("/calendar.ics", response_class=Response)
async def calendar(damso: Parts, lang: Language) -> Response:
    """Every milestone on its day."""
    async with damso.db.transaction() as tx:
        plan = await commitments.all_of(tx)
    url, host = damso.settings.pages_url, damso.settings.pages_url.partition("://")[2]
    dates = Calendar()
    dates.add("prodid", "-//Damso//milestones//EN")
    dates.add("version", "2.0")
    dates.add("x-wr-calname", text(lang, N_("Milestones of the action plan")))
    for c in plan:
        for milestone in c.milestones:
            title = f"{milestone.title.of(lang)} · {c.short.of(lang)}"
            event = Event()
            event.add("uid", f"milestone-{milestone.id}@{host}")
            event.add("dtstamp", damso.now())
            event.add("dtstart", milestone.due)
            event.add("dtend", milestone.due + timedelta(days=1))
            event.add("summary", text(lang, N_("[Demonstration] {text}"), text=title) if damso.is_demo else title)
            event.add("url", f"{url}/commitments/{c.code}")
            dates.add_component(event)
    return Response(dates.to_ical(), media_type="text/calendar")
