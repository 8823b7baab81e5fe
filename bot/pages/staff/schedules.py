"""Schedules: what the service does by itself, when, how it went the last time, and what of it may be changed."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated

from babel.dates import format_datetime, get_day_names
from fastapi import Depends, Form, Query, Request
from fastapi.responses import Response

from bot import crontab
from bot.clock import LATE_AFTER, is_due
from bot.pages.problems import status_of
from bot.pages.rendering import lang_of, parts
from bot.pages.staff.gate import AdminReading, AdminSending, Field, NoAct, Parts, console, router, see_other, typed
from flows import accounts, scheduling
from flows.accounts import Session
from flows.city import zone
from flows.errors import Invalid, NotFound, Refused
from flows.scheduling import Schedule
from flows.wording import BABEL_LOCALES, N_, Lang, text

HOME = "/staff/schedules"
TIMES_SHOWN = 5
AT_ONE_TIME = re.compile(r"(?P<minute>\d+) (?P<hour>\d+) (?P<day>\*|\d+|last) \* (?P<weekdays>\*|[a-z,]+)")
SAVED = {
    "change": N_("The times are changed. The clock follows within seconds."),
    "run": N_("It runs within seconds. Load this page again to see how it went."),
    "on": N_("It is switched on. Its next time counts from now."),
    "off": N_("It is switched off until somebody switches it on again."),
}
MOMENT_SAID: dict[Lang, str] = {"ko": "M월 d일 (E) aaaa h:mm", "en": "EEE d MMM, H:mm"}


@dataclass(frozen=True, slots=True)
class ScheduleForm:
    """New times as they were sent; nothing of it is checked yet."""

    how: str = "daily"
    at: str = ""
    weekdays: tuple[str, ...] = ()
    day: str = "1"
    line: str = ""

    @classmethod
    def of(cls, line: str) -> "ScheduleForm":
        """The form that makes this line again."""
        found = AT_ONE_TIME.fullmatch(line)
        if found is None:
            return cls("line", "09:00", line=line)
        at = f"{int(found['hour']):02}:{int(found['minute']):02}"
        if found["day"] != "*":
            return cls("monthly", at, day=found["day"], line=line)
        if found["weekdays"] != "*":
            return cls("weekly", at, tuple(found["weekdays"].split(",")), line=line)
        return cls("daily", at, line=line)

    def crontab(self, now: datetime) -> str:
        """The line that it stands for. Raises WeekdayMissing, and what `crontab.check` does."""
        match self.how:
            case "daily":
                line = crontab.line_of([], "", self.at)
            case "weekly" if not set(self.weekdays) & set(crontab.WEEKDAYS):
                raise WeekdayMissing
            case "weekly":
                line = crontab.line_of([*self.weekdays], "", self.at)
            case "monthly":
                line = crontab.line_of([], self.day, self.at)
            case _:
                line = self.line
        return crontab.check(line, now)


class WeekdayMissing(Invalid):
    field = "line"
    message = N_("Please tick at least one weekday.")


def schedule_form(
    *,
    how: Field = "",
    at: Field = "",
    weekdays: Annotated[list[str] | None, Form()] = None,
    day: Field = "",
    line: Field = "",
) -> ScheduleForm:
    return ScheduleForm(how, at.strip(), tuple(weekdays or ()), typed(day), typed(line))


@dataclass(frozen=True, slots=True)
class Shown:
    """One schedule as the page says it."""

    schedule: Schedule
    sentence: str
    coming: list[datetime]
    is_late: bool
    form: ScheduleForm


@dataclass(frozen=True, slots=True)
class Schedules:
    """The page; `open` is the schedule whose form was refused, `changed` the one that was, where `saved` says it."""

    schedules: list[Shown]
    weekdays: dict[str, str]
    said: Callable[[datetime], str]
    zone: str
    open: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    conflict: str | None = None
    saved: str | None = None
    changed: str | None = None


@router.get("/schedules")
async def show_schedules(
    request: Request, session: AdminReading, saved: Annotated[str, Query()] = "", of: Annotated[str, Query()] = ""
) -> Response:
    return await _page(request, session, name=of, saved=SAVED.get(saved))


@router.post("/schedules/{name}")
async def change_schedule(
    request: Request,
    name: str,
    session: AdminSending,
    damso: Parts,
    form: Annotated[ScheduleForm, Depends(schedule_form)],
    *,
    act: Field = "",
    seen: Field = "",
) -> Response:
    now, me = damso.now(), session.staff
    try:
        async with damso.db.transaction() as tx:
            match act:
                case "change":
                    line = form.crontab(now)
                    await scheduling.change(tx, name, line, seen=seen, at=now)
                    before, after = {"crontab": seen}, {"crontab": line}
                    await accounts.audit(tx, me, "schedule.changed", name, before=before, after=after, at=now)
                case "on" | "off":
                    await scheduling.switch(tx, name, on=act == "on", at=now)
                    await accounts.audit(tx, me, f"schedule.{act}", name, at=now)
                case "run":
                    await scheduling.ask(tx, name, at=now)
                    await accounts.audit(tx, me, "schedule.run", name, at=now)
                case _:
                    raise NoAct
    except NotFound:
        raise
    except Refused as refused:
        return await _page(request, session, name=name, form=form, refused=refused)
    return see_other(f"{HOME}?saved={act}&of={name}#{name}")


@router.get("/schedules/{name}")
async def back_to_schedules(session: AdminReading) -> Response:
    """Where the language switch on a refused form leads."""
    return see_other(HOME)


async def _page(
    request: Request,
    session: Session,
    *,
    name: str | None = None,
    form: ScheduleForm | None = None,
    refused: Refused | None = None,
    saved: str | None = None,
) -> Response:
    lang, damso = lang_of(request), parts(request)
    now = damso.now()
    async with damso.db.transaction() as tx:
        schedules = await scheduling.ready(tx, at=now)
    shown = [_shown(schedule, now, lang) for schedule in schedules]
    is_invalid = isinstance(refused, Invalid)
    if form and is_invalid:
        shown = [replace(one, form=form) if one.schedule.name == name else one for one in shown]
    said = refused.said(lang) if refused else None
    view = Schedules(
        schedules=shown,
        weekdays=_weekdays(lang),
        said=lambda moment: format_datetime(moment, MOMENT_SAID[lang], zone(), BABEL_LOCALES[lang]),
        zone=zone().key,
        open=name if is_invalid else None,
        errors={"line": said} if said and is_invalid else {},
        conflict=said if not is_invalid else None,
        saved=saved,
        changed=name if saved else None,
    )
    status = status_of(refused) if refused else 200
    return console(request, session, "staff/schedules.html", status=status, view=view)


def _shown(schedule: Schedule, now: datetime, lang: Lang) -> Shown:
    line = schedule.crontab
    try:
        coming, sentence = crontab.times(line, now, TIMES_SHOWN), crontab.in_words(line, lang)
    except ValueError:  # written into the row by hand
        coming, sentence = [], text(lang, N_("never: this is no crontab line"))
    return Shown(schedule, sentence, coming, is_due(schedule, now, LATE_AFTER), ScheduleForm.of(line))


def _weekdays(lang: Lang) -> dict[str, str]:
    names = get_day_names("wide", locale=BABEL_LOCALES[lang])
    return {key: names[number] for number, key in enumerate(crontab.WEEKDAYS)}
