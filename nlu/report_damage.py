"""Held-out sentences once more as thumbs type them: with one slip of a finger, and without blanks."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace

from components.text import HANGUL, LEADS, VOWELS, jamo, without_blanks
from report_measures import OUT_OF_SCOPE, language_of
from report_sentences import Sentence

TYPO, NO_BLANKS = "typo", "no_blanks"
_LEAST_LETTERS = 8  # in a shorter one, a slip makes another word
_LATIN_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_HANGUL_ROWS = ("ㅂㅈㄷㄱㅅ", "ㅁㄴㅇㄹㅎ", "ㅋㅌㅊㅍ", "ㅛㅕㅑㅐㅔ", "ㅗㅓㅏㅣ", "ㅠㅜㅡ")  # 두벌식, KS X 5002


def damaged(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The longer in-scope sentences of one script with a slip, and the Korean ones without blanks."""
    whole = [s for s in sentences if s.intent != OUT_OF_SCOPE and sum(map(str.isalpha, s.text)) >= _LEAST_LETTERS]
    spaced = [s for s in whole if language_of(s.text) == "ko" and " " in s.text.strip()]
    slips = [s for s in whole if language_of(s.text) in ("ko", "en")]
    return [
        *(replace(s, text=with_slip(s.text), damage=TYPO, undamaged=s.text) for s in slips),
        *(replace(s, text=without_blanks(s.text), damage=NO_BLANKS, undamaged=s.text) for s in spaced),
    ]


def with_slip(text: str) -> str:
    """One slip of a finger: the key beside, a letter left out, or two in the wrong order; the same on every run."""
    dice = random.Random(hashlib.sha256(text.encode()).digest())
    if HANGUL.search(text):
        return _hangul_slip(text, dice)
    places = [at for at in range(len(text) - 1) if text[at : at + 2].isalpha()]
    at, how = dice.choice(places), dice.randrange(3)
    if how == 0:
        return text[:at] + text[at + 1 :]
    if how == 1:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + _beside(text[at].lower(), _LATIN_ROWS, dice) + text[at + 1 :]


def _hangul_slip(text: str, dice: random.Random) -> str:
    """The key beside the one of a syllable's first consonant or of its vowel."""
    at = dice.choice([at for at, character in enumerate(text) if len(jamo(character)) > 1])
    lead, vowel = jamo(text[at])[:2]
    if dice.randrange(2):
        further = 588 * (LEADS.index(_beside(lead, _HANGUL_ROWS, dice)) - LEADS.index(lead))
    else:
        further = 28 * (VOWELS.index(_beside(vowel, _HANGUL_ROWS, dice)) - VOWELS.index(vowel))
    return text[:at] + chr(ord(text[at]) + further) + text[at + 1 :]


def _beside(key: str, rows: Sequence[str], dice: random.Random) -> str:
    row = next((row for row in rows if key in row), key)
    at = row.index(key)
    return dice.choice([row[i] for i in (at - 1, at + 1) if 0 <= i < len(row)] or [key])
