"""Whether somebody is there, for whoever asked for a person: by the hours in the city's content."""

from datetime import date, datetime, timedelta
from typing import get_args

from babel.dates import format_date

from flows.city import OfficeHours, Weekday, zone
from flows.wording import BABEL_LOCALES, N_, Lang, text, written_date
from flows.working_days import is_holiday

LOOKED_AHEAD_DAYS = 31  # open on one day a week, and that day a holiday: the next is far
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


def hours_said(hours: OfficeHours, at: datetime, lang: Lang) -> str:
    """Until when the office is open, or when it opens next; the city's note, and of when the hours are."""
    local = at.astimezone(zone())
    if _is_working_day(hours, local.date()) and hours.opens <= local.time() < hours.closes:
        said = text(lang, N_("The office is open today until {time}."), time=f"{hours.closes:%H:%M}")
    else:
        said = _opens_next(hours, local, lang)
    dated = text(lang, N_("The hours are as of {date}."), date=written_date(lang, hours.as_of.isoformat()))
    return f"{said} {hours.note.of(lang).strip()}\n{dated}"


def _opens_next(hours: OfficeHours, local: datetime, lang: Lang) -> str:
    days = (local.date() + timedelta(ahead) for ahead in range(LOOKED_AHEAD_DAYS))
    openings = (datetime.combine(day, hours.opens, zone()) for day in days if _is_working_day(hours, day))
    opening = next(opening for opening in openings if opening > local)
    time = f"{opening:%H:%M}"
    if opening.date() == local.date():
        return text(lang, N_("The office is closed now. It opens today at {time}."), time=time)
    if opening - local < timedelta(days=7):
        said = format_date(opening, "EEEE", BABEL_LOCALES[lang])
    else:
        said = written_date(lang, opening.date().isoformat())
    return text(lang, N_("The office is closed now. It opens next on {weekday} at {time}."), weekday=said, time=time)


def _is_working_day(hours: OfficeHours, day: date) -> bool:
    return WEEKDAYS[day.weekday()] in hours.days and (hours.on_holidays or not is_holiday(day))
