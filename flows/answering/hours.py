"""Whether somebody is there, for whoever asked for a person: by the hours in the city's content."""

from datetime import date, datetime, timedelta
from typing import get_args

from babel.dates import format_date

from flows.city import OfficeHours, Weekday, zone
from flows.wording import BABEL_LOCALES, N_, Lang, text, written_date

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


def hours_said(hours: OfficeHours, at: datetime, lang: Lang) -> str:
    """Until when the office is open, or when it opens next; the city's note, and of when the hours are."""
    local = at.astimezone(zone())
    if _is_working_day(hours, local.date()) and hours.opens <= local.time() < hours.closes:
        said = text(lang, N_("The office is open today until {time}."), time=f"{hours.closes:%H:%M}")
    else:
        said = _opens_next(hours, local, lang)
    dated = text(
        lang,
        N_("The hours are as of {date} and may differ on public holidays."),
        date=written_date(lang, hours.as_of.isoformat()),
    )
    return f"{said} {hours.note.of(lang).strip()}\n{dated}"


def _opens_next(hours: OfficeHours, local: datetime, lang: Lang) -> str:
    days = (local.date() + timedelta(ahead) for ahead in range(len(WEEKDAYS) + 1))
    openings = (datetime.combine(day, hours.opens, zone()) for day in days if _is_working_day(hours, day))
    opening = next(opening for opening in openings if opening > local)
    time = f"{opening:%H:%M}"
    if opening.date() == local.date():
        return text(lang, N_("The office is closed now. It opens today at {time}."), time=time)
    weekday = format_date(opening, "EEEE", BABEL_LOCALES[lang])
    return text(lang, N_("The office is closed now. It opens next on {weekday} at {time}."), weekday=weekday, time=time)


def _is_working_day(hours: OfficeHours, day: date) -> bool:
    """By its weekday alone. Public holidays, once there is a list of them, are to be asked for here."""
    return WEEKDAYS[day.weekday()] in hours.days
