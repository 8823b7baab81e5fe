"""What somebody follows, and when they hear of it, in the words of a chat."""

from collections.abc import Mapping
from datetime import datetime

from babel import Locale
from babel.dates import get_day_names

from flows.city import city, day
from flows.commitments import Commitment
from flows.subscribing.quiet import next_decent_moment
from flows.subscribing.rows import ALL, THEME, Follow, Frequency
from flows.subscribing.settings import Settings
from flows.subscribing.times import LAST_DAY, USUAL_CLOCK, USUAL_MONTH_DAY, USUAL_WEEKDAY
from flows.wording import BABEL_LOCALES, N_, Lang, text, written_date


def name_of(plan: Mapping[str, Commitment], code: str, lang: Lang) -> str:
    """What is followed, as citizens know it."""
    if code == ALL:
        return text(lang, N_("All commitments"))
    if code.startswith(THEME):
        return text(lang, N_("Theme “{theme}”"), theme=city().themes[code.removeprefix(THEME)].of(lang))
    return plan[code].short.of(lang) if code in plan else text(lang, N_("Suggestion {receipt}"), receipt=code)


def said_settings(lang: Lang, s: Settings, follows: list[Follow], *, at: datetime) -> list[str]:
    """What somebody has chosen beyond what everybody gets, a line each."""
    lines = []
    if s.resumes_at and s.is_paused(at):
        back = day(s.resumes_at).isoformat()
        lines.append(text(lang, N_("· Paused. Alerts come again on {date}."), date=written_date(lang, back)))
    for frequency in dict.fromkeys(f.frequency for f in follows):
        if frequency is not Frequency.INSTANT and s.times.are_own(frequency):
            lines.append(_said_times(lang, s, frequency, at=at))
    if s.hours.quiet:
        quiet = N_("· Your quiet hours: {start} to {end}")
        lines.append(text(lang, quiet, start=f"{s.hours.quiet.start:%H:%M}", end=f"{s.hours.quiet.end:%H:%M}"))
    if not s.hours.weekends:
        lines.append(text(lang, N_("· Nothing at weekends")))
    if s.hours.zone:
        lines.append(text(lang, N_("· By the clock of {city}"), city=_city_of(lang, s.hours.zone)))
    if s.lang:
        lines.append(text(lang, N_("· Alerts in {language}"), language=text(lang, LANGUAGE_NAMES[s.lang])))
    return lines


LANGUAGE_NAMES: dict[Lang, str] = {"ko": N_("Korean"), "en": N_("English")}


def weekday(lang: Lang, number: int) -> str:
    return str(get_day_names("wide", locale=BABEL_LOCALES[lang])[number])


def month_day(lang: Lang, number: int) -> str:
    if number == LAST_DAY:
        return text(lang, N_("the last day"))
    return text(lang, N_("day {number}"), number=number)


def _said_times(lang: Lang, s: Settings, frequency: Frequency, *, at: datetime) -> str:
    times = s.times
    hour = f"{times.clock or USUAL_CLOCK:%H:%M}"
    coming = next_decent_moment(times.next(frequency, max(at, s.resumes_at or at)), s.hours).astimezone(s.hours.local)
    first = {"date": written_date(lang, coming.date().isoformat()), "time": f"{coming:%H:%M}"}
    if frequency is Frequency.WEEKLY:
        said = N_("· Digest each week: {day}, {hour}. The next one: {date}, {time}")
        on = weekday(lang, USUAL_WEEKDAY if times.weekday is None else times.weekday)
    else:
        said = N_("· Digest each month: {day}, {hour}. The next one: {date}, {time}")
        on = month_day(lang, times.month_day or USUAL_MONTH_DAY)
    return text(lang, said, day=on, hour=hour, **first)


def _city_of(lang: Lang, zone: str) -> str:
    known = Locale.parse(BABEL_LOCALES[lang]).time_zones.get(zone, {})
    return str(known.get("city") or zone.rpartition("/")[2].replace("_", " "))
