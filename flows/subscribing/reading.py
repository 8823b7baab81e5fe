"""What somebody's own words ask of their alerts: days, hours, pauses, language. Korean and English.

Not a reader of dates in general, only of what these settings can hold. dateparser reads “12월 15일” and
“next Monday”, and nothing of “다음 주까지”, “2주 동안”, “매달 말일” or “for two weeks” (tried in November 2026); quiet
hours, and days that come again, are not its business.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache

from babel import Locale

from flows.subscribing.quiet import Quiet
from flows.subscribing.rows import Frequency
from flows.subscribing.times import LAST_DAY
from flows.wording import BABEL_LOCALES, Lang

NOON, MIDNIGHT = 12, 24


def _either(korean: str, english: str) -> re.Pattern[str]:
    """Korean pieces anywhere, English ones as whole words."""
    return re.compile(rf"{korean}|\b(?:{english})\b", re.IGNORECASE)


ALERTS = _either(
    "알림|알람|소식|구독|조용한? ?시간|방해 ?금지|시간대",
    "alerts?|notifications?|digests?|news|messages?|updates?|quiet hours|time ?zone",
)
SENDING = _either(
    r"보내|보낼|받을래|받고 ?싶|받겠|받을게|받게|오게|쉬어|쉬고|쉴래|쉬었|쉬게|멈춰|멈추|멈출"
    r"|일시 ?정지|일시 ?중지|방해|울리|알려 ?줘|알려 ?줄|알려 ?주|꺼 ?(?:줘|주|두|놔)|(?:매주|매달|매월)\s",
    r"send|pause|mute|snooze|hold|resume|disturb|quiet|switch|only on|not (?:before|after)|nothing (?:before|after)"
    r"|(?:write|text|message|ping)(?: to)? me|get (?:it|them)|weekly|monthly|nothing (?:at|on) (?:the )?weekends?"
    r"|weekends? too"
    r"|every (?:mon|tues|wednes|thurs|fri|satur|sun)day|on the (?:first|last|\d{1,2}(?:st|nd|rd|th))",
)
REQUEST = _either(  # a question in form alone
    "(?:줄|주실|받을|보낼) ?수 ?(?:있|없)|줄래|주실래|주시겠|주겠", "(?:can|could|would|will) (?:you|i|we)|may i"
)
NOT_THEN = _either(
    "(?:보내지|울리지|오지|주지) ?(?:마|말|않)|안 (?:오게|받|보내)|못 오게|방해|조용|꺼",
    "quiet|not|no|don'?t|never|nothing|disturb|mute",
)
ONLY_THEN = _either("만 ?(?:보내|받|오|알려)|에만|까지만", "only")
PAUSING = _either(
    "쉬어|쉬고|쉴래|쉬었|쉬게|멈춰|멈추|멈출|정지|중지|중단|보내지 ?(?:마|말)|꺼 ?(?:줘|주|두|놔)|끄고|끌래|안 받|그만",
    "pause|mute|snooze|hold|stop|no (?:alerts|messages|notifications)|off|quiet",
)
AWHILE = _either(
    "일시 ?정지|일시 ?중지|일시 ?멈춤|잠시|잠깐|당분간|쉬어 ?(?:줘|주)",
    "pause|snooze|for (?:now|a while)",
)
RESUMING = _either(
    "다시 (?:시작|켜|보내|받|와도)|재개|(?:멈춤|정지|쉬기)[을를]? ?(?:풀|해제|그만|끝)",
    "resume|unpause|unmute|(?:start|turn on|send).{0,20} again|(?:alerts|notifications) back on",
)
NO_QUIET = _either(
    r"(?:조용한? ?시간|방해 ?금지)\S* ?(?:시간\S* ?)?(?:없애|해제|풀|꺼|지워|필요 ?없)",
    r"(?:no|remove|clear|cancel|drop|turn off)\b.{0,12}\bquiet hours",
)
UNDOING = re.compile(
    r"\W*(?:방금 ?(?:거|것)? ?)?(?:되돌려|되돌리|원래대로)(?: ?(?:기|줘|주세요|해 ?줘|돌려 ?줘|바꿔 ?줘|할래요?))?\W*"
    r"|\W*(?:please )?(?:undo(?: (?:it|that|this|the last change))?|change it back|put it back)(?:,? please)?\W*",
    re.IGNORECASE,
)
STOPPING = _either("꺼|끊|그만|해지|취소|중지|안 받", "stop|unsubscribe|unfollow|cancel|mute|no more")
KEEPING = _either(
    "(?:끄지|끊지|해지하지|취소하지|중지하지) ?(?:마|말)", "(?:don'?t|do not|not) (?:stop|unsubscribe|cancel)"
)
_ALL_OF_THEM = "everything|it all|all(?: of (?:it|them)| (?:my |the )?(?:alerts|messages|notifications|news))?"
EVERYTHING = _either(
    r"(?:다|모두|전부|모든|싹)\s?(?:\S+\s?)?(?:그만|끊|멈춰|중지|중단|꺼|해지|취소)"
    r"|(?:알림|소식|구독)\S* (?:다|모두|전부|싹) ?(?:그만|끊|멈춰|중지|꺼|해지|취소)",
    rf"(?<![\w ])(?:please )?(?:stop|cancel|end|turn off) (?:{_ALL_OF_THEM})(?: please)?(?=\W*$)"
    rf"|unsubscribe (?:me )?from (?:{_ALL_OF_THEM})",
)
FOLLOWING = _either(
    "팔로우|구독|알림 ?받|소식 ?받|알림 ?설정", "follow|subscribe|alert me|notify|keep me (?:posted|updated)"
)
ORDER_TO_FOLLOW = re.compile(
    r"(?:구독|팔로우)\S{0,2} ?(?:할래|할게|하고 ?싶|해 ?줘|해 ?주)|(?:알림|소식)\S? ?받(?:을래|고 ?싶|아 ?볼래|게 해)"
    r"|^\W*(?:please |i(?:'d like to| want to) )?(?:follow|subscribe (?:me )?to|keep me (?:posted|updated))\b",
    re.IGNORECASE,
)
NOT_AT_WEEKENDS = _either(
    r"주말\S* .{0,8}(?:보내지|울리지|오지) ?(?:마|말|않)|주말\S* .{0,6}(?:쉬|안|꺼|끄)|평일에?만|주중에?만",
    r"(?:no|not|nothing|don'?t)\b.{0,30}\bweekends?|weekdays only|only (?:.{0,12} )?weekdays",
)
AT_WEEKENDS_TOO = _either("주말에도", "weekends? too|also (?:on|at) (?:the )?weekends?")
LANGUAGES: dict[Lang, re.Pattern[str]] = {
    "ko": _either("한국어|한국말|한글", "korean"),
    "en": _either("영어|영문", "english"),
}
PLACE = _either(
    "시간대|시차|살아|살고|거주|체류|현지|시간으로", "live|living|time ?zone|local time|i'm in|i am in|time"
)

WEEKDAYS = {name: n for n, name in enumerate("월화수목금토일")} | {
    name: n for n, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
}
WEEKDAY = _either("([월화수목금토일])요일", "(mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:days?)?")
MONTHLY = _either("매달|매월|달마다|월마다|한 ?달에|월 ?1 ?회", "(?:every|each|the|a|per) month|monthly")
OFTEN = {
    Frequency.INSTANT: r"소식이 있을 때마다|바로(?: ?바로)?|즉시|그때그때|as it happens|instant(?:ly)?|at once",
    Frequency.WEEKLY: r"(?:일?주일|한 ?주)에 (?:한|1) ?번|매주|once a week|every week|weekly",
    Frequency.MONTHLY: r"한 ?달에 (?:한|1) ?번|매달|매월|once a month|every month|monthly",
}
DAILY = _either("매일|날마다|하루에 ?(?:한|1) ?번", "daily|(?:every|each) day|once a day")
LAST_OF_MONTH = _either("월말|말일|달 ?말|마지막 ?날", "(?:last day|end) of (?:the|each|every) month")
FIRST_OF_MONTH = _either("월초|첫 ?날|첫째 ?날", "first (?:day )?of (?:the|each|every) month")
DAY_OF_MONTH = _either(
    r"(?<![\d월])(?<!월 )(\d{1,2})일(?!요)(?! ?동안)(?! ?간)",
    r"on the (\d{1,2})(?:st|nd|rd|th)?|the (\d{1,2})(?:st|nd|rd|th)",
)
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"({'|'.join(MONTHS)})[a-z]*"
FULL_DATE = _either(
    r"(?:(\d{4})년\s?)?(\d{1,2})월\s?(\d{1,2})일|(\d{4})-(\d{2})-(\d{2})",
    rf"(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}|{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?",
)
_HALF = "오전|아침|새벽|오후|저녁|밤|낮"
CLOCK = re.compile(
    rf"(?:({_HALF})\s*)?(?<![\d:])(\d{{1,2}})"
    r"(?:시(?!간)\s*(?:(\d{1,2})분|(반))?|:(\d\d)(?:\s*([ap])\.?m\.?)?|\s*([ap])\.?m\b\.?)|(정오|자정)|\b(noon|midnight)\b",
    re.IGNORECASE,
)
BARE = re.compile(
    r"\b(?:at|from|between|before|after|until|to|and)\s+(\d{1,2})"
    rf"(?![\d:]|\s*[ap]\.?m|st|nd|rd|th|\s+(?:days?|weeks?|months?|{'|'.join(MONTHS)}))",
    re.IGNORECASE,
)
BETWEEN = _either("부터|에서|[~∼–-]", "from|between|to|and|until|till")
BEFORE_THEN = _either("전에|전엔|전까지|이후에만|이후로만|이후에 ?(?:보내|받)", "before|only after")
AFTER_THEN = _either("이후|넘어서|지나서", "after")
UNTIL = _either("까지", "until|till|til|through")
# Before this hour, that half of the day is the second one: 낮 1시 is 13:00, 낮 11시 is not 23:00.
FIRST_PM_HOUR = {"오후": NOON, "저녁": NOON, "p": NOON, "낮": 6}
NUMBERS = {"한": 1, "일": 1, "두": 2, "이": 2, "세": 3, "삼": 3, "네": 4} | {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "six": 6
}  # fmt: skip
DAYS = {"하루": 1, "이틀": 2, "사흘": 3, "일주일": 7, "보름": 15}
SPAN = _either(
    r"(\d{1,2}|한|두|세|네|일|이|삼)\s?(일|주일|주|달|개월)\s?(?:동안|간|정도|만|쯤)|(하루|이틀|사흘|일주일|보름)\s?(?:동안|간|정도|만|쯤)",
    r"for (?:the next )?(\d{1,2}|an?|one|two|three|four|six) (day|week|month|fortnight)s?",
)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the words ask for; None for what they do not speak of.

    `often`: how often, for all that is followed. `daily`: as often as there is no digest. `resumes_on`: paused until
    then. `no_quiet`: no hours of one's own any more. `pause`: a pause without an end.
    """

    weekday: int | None = None
    month_day: int | None = None
    clock: time | None = None
    often: Frequency | None = None
    daily: bool = False
    quiet: Quiet | None = None
    no_quiet: bool = False
    weekends: bool | None = None
    pause: bool = False
    resumes_on: date | None = None
    resume: bool = False
    lang: Lang | None = None
    zone: str | None = None

    def __bool__(self) -> bool:
        return self != NO_WISHES


NO_WISHES = Wishes()


def is_of_alerts(text: str) -> bool:
    """Whether the words speak of alerts, or of sending: of nothing else is a day or an hour a wish."""
    return bool(ALERTS.search(text) or SENDING.search(text))


def stops_everything(text: str) -> bool:
    return bool(EVERYTHING.search(text)) and not KEEPING.search(text)


def stops(text: str) -> bool:
    return bool(STOPPING.search(text)) and not KEEPING.search(text)


def undoes(text: str) -> bool:
    return bool(UNDOING.fullmatch(text))


def removes_quiet(text: str) -> bool:
    return bool(NO_QUIET.search(text))


def orders_to_follow(text: str) -> bool:
    """Whether the words can mean nothing else than to follow what they name."""
    return bool(ORDER_TO_FOLLOW.search(text)) and not STOPPING.search(text)


def follows(text: str) -> bool:
    return bool(FOLLOWING.search(text)) and not STOPPING.search(text)


def read_wishes(text: str, today: date) -> Wishes:  # noqa: PLR0911  # one return a kind of wish
    """What these words ask of somebody's alerts, read on `today`."""
    if removes_quiet(text):
        return Wishes(no_quiet=True)
    if often := _often(text):
        return Wishes(often=often)
    if RESUMING.search(text) and not UNTIL.search(text):
        return Wishes(resume=True)
    if PAUSING.search(text) and not RESUMING.search(text) and (until := _pause_end(text, today)):
        return Wishes(resumes_on=until)
    lang = next((lang for lang, named in LANGUAGES.items() if named.search(text)), None)
    lang = lang if ALERTS.search(text) else None
    zone = _zone(text) if PLACE.search(text) else None
    if NOT_AT_WEEKENDS.search(text):
        return Wishes(weekends=False, lang=lang, zone=zone)
    if AT_WEEKENDS_TOO.search(text):
        return Wishes(weekends=True, lang=lang, zone=zone)
    if quiet := _quiet(text):
        return Wishes(quiet=quiet, lang=lang, zone=zone)
    if DAILY.search(text):
        return Wishes(daily=True)
    if re.search(
        r"일시 ?(?:정지|중지|멈춤)|잠시|잠깐|당분간|쉬어 ?(?:줘|주)|^\W*(?:please )?pause\b|\bsnooze\b", text, re.I
    ):
        return Wishes(pause=True)
    month_day = _month_day(text)
    weekday = None if month_day else _weekday(text)
    clocks = _clocks(text)
    return Wishes(weekday, month_day, clocks[0] if len(clocks) == 1 else None, lang=lang, zone=zone)


def read_clocks(text: str) -> list[time]:
    """The times of day in a short answer such as "9시", "6 pm" or "18"."""
    bare = re.fullmatch(r"\s*(\d{1,2})\s*", text)
    return _clocks(text) or ([c] if bare and (c := _clock(int(bare[1]), 0, None)) else [])


def read_quiet(text: str) -> Quiet | None:
    """The quiet hours in a short answer such as "밤 10시부터 아침 9시까지" or "from 22 to 9"."""
    return _quiet(text if NOT_THEN.search(text) or ONLY_THEN.search(text) else f"no from {text}")


def read_pause(text: str, today: date) -> date | None:
    """The day on which alerts come again, in a short answer such as "2주", "12월 15일" or "next Monday"."""
    tried = (
        (text, f"{text}까지", f"{text} 동안") if re.search("[가-힣]", text) else (text, f"until {text}", f"for {text}")
    )
    return next((end for said in tried if (end := _pause_end(said, today))), None)


def read_zone(text: str) -> str | None:
    """The time zone of a city that is named, in either language."""
    return _zone(text)


def _often(text: str) -> Frequency | None:
    """How often, where that is all that the words say: with a day or an hour, these say it."""
    around = (
        r"\W*(?:(?:알림|소식)\S? )?(?:{})(?:만|씩|로|으로)?(?: ?(?:보내|받|알려)\S*(?: ?\S{{1,4}})?)?(?:,? please)?\W*"
    )
    matches = (often for often, said in OFTEN.items() if re.fullmatch(around.format(said), text, re.IGNORECASE))
    return next(matches, None)


def _weekday(text: str) -> int | None:
    named = {_number_of(found) for found in WEEKDAY.finditer(text)}
    return named.pop() if len(named) == 1 else None


def _number_of(found: re.Match[str]) -> int:
    return WEEKDAYS[found[1] or found[2].lower()[:3]]


def _month_day(text: str) -> int | None:
    if LAST_OF_MONTH.search(text):
        return LAST_DAY
    if FIRST_OF_MONTH.search(text):
        return 1
    found = DAY_OF_MONTH.search(text)
    if found is None or not (MONTHLY.search(text) or found[2]):
        return None
    day = int(next(part for part in found.groups() if part))
    return day if 1 <= day <= LAST_DAY else None


def _clocks(text: str) -> list[time]:
    """The times of day in the order they are named. Without a half of the day, 1 to 7 are in the afternoon."""
    found = [(m.start(), _clock_of(m)) for m in CLOCK.finditer(text)]
    found += [(m.start(1), _clock(int(m[1]), 0, None)) for m in BARE.finditer(text)]
    return [clock for _, clock in sorted(found, key=lambda pair: pair[0]) if clock]


def _clock_of(m: re.Match[str]) -> time | None:
    if m[8] or m[9]:
        return time(12 if (m[8] or m[9].lower()) in ("정오", "noon") else 0)
    minutes = 30 if m[4] else int(m[3] or m[5] or 0)
    half = m[1] or (m[6] or m[7] or "").lower() or ("24" if m[5] else None)
    return _clock(int(m[2]), minutes, half)


def _clock(hour: int, minute: int, half: str | None) -> time | None:
    if hour > MIDNIGHT or minute > 59:
        return None
    if hour < FIRST_PM_HOUR.get(half or "", 0) or (half == "밤" and 6 <= hour < NOON):
        hour += NOON
    elif half in ("오전", "아침", "새벽", "a", "밤") and hour == NOON:
        hour = 0
    elif half is None and 1 <= hour <= 7:
        hour += NOON
    return time(hour % MIDNIGHT, minute)


def _quiet(text: str) -> Quiet | None:
    clocks, kept_free = _clocks(text), ONLY_THEN.search(text)
    if len(clocks) == 2 and BETWEEN.search(text) and (NOT_THEN.search(text) or kept_free):
        start, end = clocks
        if not kept_free and not re.search(r"오전|오후|저녁|낮|[ap]\.?m\b|:\d\d", text, re.I):
            start, end = _evening(start), _morning(end)
        start, end = (end, start) if kept_free else (start, end)
        return Quiet(start, end) if start != end else None
    if len(clocks) == 1 and (NOT_THEN.search(text) or kept_free):
        if BEFORE_THEN.search(text):
            return Quiet(time(0), clocks[0])
        if AFTER_THEN.search(text):
            return Quiet(time(0), clocks[0]) if kept_free else Quiet(clocks[0], time(8))
    return None


def _evening(clock: time) -> time:
    return clock.replace(hour=clock.hour + NOON) if 6 <= clock.hour < NOON else clock


def _morning(clock: time) -> time:
    return clock.replace(hour=clock.hour - NOON) if NOON < clock.hour <= NOON + 7 else clock


def _pause_end(text: str, today: date) -> date | None:
    """The day on which alerts come again. Korean 까지 counts its day in, English "until" does not."""
    if span := SPAN.search(text):
        return _after(span, today)
    if not UNTIL.search(text):
        return None
    inclusive = timedelta(days="까지" in text or bool(re.search(r"\bthrough\b", text, re.I)))
    end = _named_day(text, today)
    return end + inclusive if end and end + inclusive > today else None


def _after(span: re.Match[str], today: date) -> date:
    if word := span[3]:
        return today + timedelta(days=DAYS[word])
    amount, unit = (span[1] or span[4]).lower(), (span[2] or span[5]).lower()
    many = int(amount) if amount.isdigit() else NUMBERS[amount]
    if unit in ("달", "개월", "month"):
        return _same_day(today, many)
    return today + timedelta(days=many * {"일": 1, "day": 1, "fortnight": 14}.get(unit, 7))


def _same_day(today: date, months: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))


def _named_day(text: str, today: date) -> date | None:  # noqa: PLR0911  # one return a way to name it
    if found := FULL_DATE.search(text):
        return _full_date(found, today)
    if re.search(r"모레|\bday after tomorrow\b", text, re.I):
        return today + timedelta(days=2)
    if re.search(r"내일|\btomorrow\b", text, re.I):
        return today + timedelta(days=1)
    monday = today - timedelta(days=today.weekday())
    weekday = WEEKDAY.search(text)
    if week := re.search(r"(다다음|다음|담|이번)\s?주", text):
        ahead = {"이번": 0, "다음": 1, "담": 1, "다다음": 2}[week[1]]
        return monday + timedelta(weeks=ahead, days=_number_of(weekday) if weekday else 6)
    if weekday:
        return today + timedelta(days=(_number_of(weekday) - today.weekday() - 1) % 7 + 1)
    if re.search(r"\bnext week\b", text, re.I):
        return monday + timedelta(weeks=1)
    return _day_of_a_month(text, today)


def _day_of_a_month(text: str, today: date) -> date | None:
    coming = re.search(r"(?:다음|담|내)\s?달|\bnext month\b", text, re.I)
    base = _same_day(today.replace(day=1), 1) if coming else today.replace(day=1)
    last = monthrange(base.year, base.month)[1]
    if found := DAY_OF_MONTH.search(text):
        day = int(next(part for part in found.groups() if part))
        if not 1 <= day <= LAST_DAY:
            return None
        on = base.replace(day=min(day, last))
        return on if on > today else _same_day(base, 1).replace(day=day) if day <= 28 else None
    if re.search(r"이번\s?달|이달|월말|말일", text) or (coming and "까지" in text):
        return base.replace(day=last)
    return base if coming else None


def _full_date(m: re.Match[str], today: date) -> date | None:
    if m[2]:
        year, month, day = int(m[1] or 0), int(m[2]), int(m[3])
    elif m[4]:
        year, month, day = int(m[4]), int(m[5]), int(m[6])
    elif m[7]:
        year, month, day = 0, MONTHS.index(m[8].lower()) + 1, int(m[7])
    else:
        year, month, day = 0, MONTHS.index(m[9].lower()) + 1, int(m[10])
    try:
        named = date(year or today.year, month, day)
        return named if year or named > today else date(today.year + 1, month, day)
    except ValueError:
        return None


def _zone(text: str) -> str | None:
    lowered = text.lower()
    known = [(len(name), name, zone) for name, zone in _zones().items() if name in lowered]
    for _, name, zone in sorted(known, reverse=True):
        if not name.isascii() or re.search(rf"\b{re.escape(name)}\b", lowered):
            return zone
    return None


@cache
def _zones() -> dict[str, str]:
    """Time zones by the names of their cities."""
    names: dict[str, str] = {}
    for lang in BABEL_LOCALES.values():
        for zone, said in Locale.parse(lang).time_zones.items():
            if "/" in zone and not zone.startswith("Etc/"):
                for name in (said.get("city"), zone.rpartition("/")[2].replace("_", " ")):
                    if name and len(name) > 1:
                        names.setdefault(name.lower(), zone)
    return names
