"""Interface wording in every language: gettext catalogues, read straight from their .po files.

Language is always an argument, never ambient: one job writes to people of several languages.
"""

from datetime import date
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal, get_args

from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

type Lang = Literal["ko", "en"]
LANGS: tuple[Lang, ...] = get_args(Lang.__value__)
BABEL_LOCALES: dict[Lang, str] = {"ko": "ko_KR", "en": "en_GB"}
LOCALES = Path(__file__).parent.parent / "locales"

HANGUL_FIRST, HANGUL_LAST, JONGSEONG_COUNT, RIEUL = 0xAC00, 0xD7A3, 28, 8
PARTICLES = {"은": "는", "이": "가", "을": "를", "과": "와", "으로": "로"}
DIGITS_READ_WITH_A_FINAL = "013678"  # 영 일 삼 육 칠 팔


def N_(msgid: str) -> str:
    """Mark a sentence for translation where it is written down, not where it is said."""
    return msgid


@cache
def of(lang: Lang) -> GNUTranslations:
    """The catalogue of one language. Nothing is compiled beforehand, so none can be stale."""
    compiled = BytesIO()
    with (LOCALES / lang / "LC_MESSAGES" / "damso.po").open("rb") as po:
        write_mo(compiled, read_po(po))
    compiled.seek(0)
    return GNUTranslations(compiled)


def text(lang: Lang, msgid: str, /, **params: object) -> str:
    """`msgid` in `lang`, its named placeholders filled in."""
    filled = {name: Noun(value) if isinstance(value, str) else value for name, value in params.items()}
    return of(lang).gettext(msgid).format(**filled)


def written_date(lang: Lang, partial: str) -> str:
    """An ISO date as people write it, as precise as it is: `2021`, `2021-08` and `2021-08-03` all will do."""
    parts = [int(part) for part in partial.split("-")]
    day, locale = date(*parts, *(1,) * (3 - len(parts))), BABEL_LOCALES[lang]
    if len(parts) == len(("year", "month", "day")):
        return format_date(day, "long", locale)
    return format_skeleton("yMMMM" if len(parts) > 1 else "y", day, locale=locale)


def measured(lang: Lang, number: str, unit: str) -> str:
    """A number with its unit: `15곳`, `15 villages`, `56%`. A unit may be written `village|villages`: of 1, of more."""
    one, _, more = unit.rpartition("|")
    said = one if one and number == "1" else more
    return f"{number}{said}" if lang == "ko" or said == "%" else f"{number} {said}"


def unit_alone(unit: str) -> str:
    """A unit without a number: `villages`."""
    return unit.rpartition("|")[2]


def as_lang(asked: str | None, default: Lang = "ko") -> Lang:
    """`asked` if it is a language we speak, else `default`."""
    return asked if asked in LANGS else default


class Noun(str):
    """A word in a Korean sentence: `{name:을}` writes the word and the particle that fits its last sound."""

    def __format__(self, spec: str) -> str:
        if spec not in PARTICLES:
            return super().__format__(spec)
        return self + (spec if _takes_closed_form(self, spec) else PARTICLES[spec])


def _takes_closed_form(word: str, particle: str) -> bool:
    last = word.rstrip(" )'\"’”.")[-1:]
    if HANGUL_FIRST <= ord(last or " ") <= HANGUL_LAST:
        final = (ord(last) - HANGUL_FIRST) % JONGSEONG_COUNT
        return final != 0 and not (particle == "으로" and final == RIEUL)
    if last in "178" and particle == "으로":  # 일, 칠, 팔 end in ㄹ
        return False
    return last in DIGITS_READ_WITH_A_FINAL if last.isdigit() else False
