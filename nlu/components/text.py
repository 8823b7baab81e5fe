"""Text as the components compare it: the same sentence written differently becomes the same string."""

import re
import unicodedata

HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")

_BUT_SINGLE_JAMO = re.compile(r"[^ㄱ-ㆎ]+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff]")
_REPEATED = re.compile(r"(.)\1{2,}")
_QUOTES = str.maketrans("‘’“”", "''\"\"")

# A syllable of Unicode's block AC00-D7A3 is its lead × 588 + vowel × 28 + tail (The Unicode Standard, 3.12).
_FIRST_SYLLABLE, _SYLLABLES = 0xAC00, 11_172
LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_TAILS = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]


def normalise(text: str) -> str:
    """One width, case and kind of quote; ㅋㅋㅋㅋ becomes ㅋㅋ; blanks become one."""
    text = compose(_INVISIBLE.sub("", text)).lower().translate(_QUOTES)
    return " ".join(_REPEATED.sub(r"\1\1", text).split())


def compose(text: str) -> str:
    """Normal form NFKC, but for letters typed alone: it would make another, unusual character of the ㅋ in ㅋㅋ."""
    return _BUT_SINGLE_JAMO.sub(lambda run: unicodedata.normalize("NFKC", run.group()), text)


def without_blanks(text: str) -> str:
    return "".join(text.split())


def is_spaced(text: str) -> bool:
    """Whether it is Korean with blanks between its words."""
    return " " in text and bool(HANGUL.search(text))


def is_unspaced(text: str) -> bool:
    """Whether it is Korean and its words, if more than one, run together."""
    return " " not in text and bool(HANGUL.search(text))


def jamo(text: str) -> str:
    """Hangul as its letters and without blanks, so that a wrong letter or a missing blank changes little.

    한글 becomes ㅎㅏㄴㄱㅡㄹ. Text without Hangul keeps its blanks and comes back as it was.
    """
    return "".join(map(_letters, without_blanks(text))) if HANGUL.search(text) else text


def _letters(character: str) -> str:
    index = ord(character) - _FIRST_SYLLABLE
    if not 0 <= index < _SYLLABLES:
        return character
    return LEADS[index // 588] + VOWELS[index % 588 // 28] + _TAILS[index % 28]
