"""The audit log (감사 기록), for administrators: who did what, when, and how it was before and after."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from fastapi.responses import Response, StreamingResponse

from bot.exports import MEDIA_TYPES, written
from bot.pages.lookup import read_id
from bot.pages.rendering import lang_of
from bot.pages.staff.acts import act_in_words
from bot.pages.staff.gate import AdminReading, Parts, console, router
from bot.pages.staff.plan_forms import read_day
from flows import accounts
from flows.accounts import Act, Acts, Staff
from flows.city import zone
from flows.commitments import BadDay
from flows.errors import NotFound
from flows.messages import clean

PAGE = 50
TARGET_MOST_CHARS = 100
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:[\d.]+)?[+-]\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class Filter:
    """What of the log somebody wants to see, as it stands in the address. Days are the city's, both included."""

    by: str
    action: str
    target: str
    since: str
    until: str

    @property
    def is_empty(self) -> bool:
        return not any((self.by, self.action, self.target, self.since, self.until))

    @property
    def wanted(self) -> Acts:
        until = _midnight(self.until)
        return Acts(
            staff=read_id(self.by),
            action=self.action,
            target=self.target,
            since=_midnight(self.since),
            until=until + timedelta(days=1) if until else None,
        )

    def url(self, path: str, **more: object) -> str:
        """An address with this filter."""
        said = {"by": self.by, "action": self.action, "target": self.target, "since": self.since, "until": self.until}
        kept = urlencode({name: str(value) for name, value in {**said, **more}.items() if value})
        return f"{path}?{kept}" if kept else path


def asked(
    by: Annotated[str, Query()] = "",
    action: Annotated[str, Query()] = "",
    target: Annotated[str, Query()] = "",
    since: Annotated[str, Query()] = "",
    until: Annotated[str, Query()] = "",
) -> Filter:
    """A filter out of an address; what makes no sense there is left out."""
    return Filter(
        by=by if read_id(by) is not None else "",
        action=clean(action)[:TARGET_MOST_CHARS],
        target=clean(target)[:TARGET_MOST_CHARS],
        since=since if _midnight(since) else "",
        until=until if _midnight(until) else "",
    )


@dataclass(frozen=True, slots=True)
class Log:
    """The page of the log. `changes` says of an act what was before and after, by its id; `in_words` what the code of
    an act means, where that is known.
    """

    filter: Filter
    acts: list[Act]
    changes: dict[int, list[tuple[str, str, str]]]
    people: list[Staff]
    actions: list[str]
    in_words: dict[str, str | None]
    exports: dict[str, str]
    older_url: str | None
    newest_url: str | None


@router.get("/audit")
async def show_log(
    request: Request,
    session: AdminReading,
    damso: Parts,
    wanted: Annotated[Filter, Depends(asked)],
    before: Annotated[str, Query()] = "",
) -> Response:
    start = read_id(before)
    async with damso.db.transaction() as tx:
        found = await accounts.acts(tx, wanted.wanted, before=start, limit=PAGE + 1)
        people = [colleague.staff for colleague in await accounts.colleagues(tx)]
        actions = await accounts.actions(tx)
    view = Log(
        filter=wanted,
        acts=found[:PAGE],
        changes={act.id: list(_changes(act)) for act in found[:PAGE]},
        people=people,
        actions=actions,
        in_words={action: act_in_words(action, lang_of(request)) for action in actions},
        exports={form: wanted.url("/staff/audit/export", format=form) for form in MEDIA_TYPES},
        older_url=wanted.url("/staff/audit", before=found[PAGE - 1].id) if len(found) > PAGE else None,
        newest_url=wanted.url("/staff/audit") if start else None,
    )
    return console(request, session, "staff/audit.html", view=view)


@router.get("/audit/export")
async def export_log(
    session: AdminReading,
    damso: Parts,
    wanted: Annotated[Filter, Depends(asked)],
    form: Annotated[str, Query(alias="format")] = "csv",
) -> Response:
    kind = next((known for known in MEDIA_TYPES if known == form), None)
    if kind is None:
        raise NotFound
    async with damso.db.transaction() as tx:
        about = {"filter": wanted.url("")} if not wanted.is_empty else None
        await accounts.audit(tx, session.staff, "audit.exported", kind, after=about, at=damso.now())
    name = f"damso-audit-{damso.now().astimezone(zone()):%Y-%m-%d}.{kind}"
    return StreamingResponse(
        written(kind, accounts.AUDIT_COLUMNS, accounts.audit_rows(damso.db, wanted.wanted)),
        media_type=MEDIA_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _midnight(written_day: str) -> datetime | None:
    """When a day begins in the city; None where it is none."""
    try:
        return datetime.combine(read_day(written_day), time(), zone())
    except BadDay:
        return None


def _changes(act: Act) -> Iterator[tuple[str, str, str]]:
    """Each fact with what it was and what it became, where that is another thing; a dash where nothing is known."""
    before, after = act.before or {}, act.after or {}
    for name in {**before, **after}:
        was, became = _said(before.get(name)), _said(after.get(name))
        if was != became:
            yield name, was, became


def _said(fact: object) -> str:
    """A moment by the city's clock, as everywhere in the console."""
    if fact is None:
        return "–"
    said = str(fact)
    return f"{datetime.fromisoformat(said).astimezone(zone()):%Y-%m-%d %H:%M}" if MOMENT.fullmatch(said) else said
