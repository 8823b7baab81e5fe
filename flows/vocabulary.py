"""What citizens write about, known by its words in both languages. Content in `vocabulary.yml`, read once.

So texts meet that say the same in other words or in the other language, and it costs no model.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

# How much a thing says about the subject of a text; and a word that is no known thing, in English and a Korean pair.
WEIGHTS = {"things": 1.0, "places": 0.7, "light": 0.3}
UNKNOWN, UNKNOWN_PAIR = 0.15, 0.08

RUN = re.compile(r"[a-z0-9é'’가-힣\s-]+")
WORD = re.compile(r"[a-z0-9é][a-z0-9é'’-]*|[가-힣]+")
PARTICLES = frozenset(
    ("은", "는", "이", "가", "을", "를", "의", "에", "도", "로", "와", "과", "만", "에서", "으로", "이나", "까지")
)
ENDINGS = (
    *(("ies", "y"), ("es", ""), ("s", ""), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("ers", "")),
    *(("er", ""), ("d", ""), ("ly", ""), ("'s", ""), ("’s", "")),
)
LEAST_STEM, STEM_CHARS = 3, 6


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names of the things that a word stands for, the one that it names best first; and the weight of each."""

    ko: dict[str, tuple[str, ...]]
    en: dict[str, tuple[str, ...]]
    weights: dict[str, float]
    empty_pairs: frozenset[str]
    empty_words: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """Raises ValueError for a line without both languages."""
    content = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    ko: dict[str, list[str]] = {}
    en: dict[str, list[str]] = {}
    weights: dict[str, float] = {}
    for kind, weight in WEIGHTS.items():
        for line in content[kind]:
            here, _, there = (part.split() for part in line.partition("|"))
            if not here or not there:
                raise ValueError(f"flows/vocabulary.yml: write “한국어 | English” and not {line!r}")
            name = f"{there[0]}={here[0]}"
            weights[name] = weight
            for known, words in ((ko, here), (en, there)):
                for at, word in enumerate(words):
                    known.setdefault(word, []).insert(0 if at == 0 else len(known[word]) if word in known else 0, name)
    empty = content["empty"]
    return Vocabulary(
        ko={word: tuple(names) for word, names in ko.items()},
        en={word: tuple(names) for word, names in en.items()},
        weights=weights,
        empty_pairs=frozenset(empty["ko"].split()),
        empty_words=frozenset(empty["en"].split()),
    )


def things_in(written: str) -> dict[str, float]:
    """What a text is about, with weights: things by their names, and what is none by its stem or its letter pairs."""
    known, found = vocabulary(), dict[str, float]()
    for word, names in read(written):
        weighted = {name: known.weights[name] / len(of) ** 0.5 for of in names for name in of} or _unknown(word)
        found = {name: max(found.get(name, 0), weighted.get(name, 0)) for name in {**found, **weighted}}
    return found


def names_in(written: str) -> list[str]:
    """The things that a text or a word names; for each word the one that it names best, a compound one has several."""
    return sorted({of[0] for _, names in read(written) for of in names})


def read(written: str) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Each word, or two that are one, with the things that it stands for: for every known part of it, their names."""
    for run in RUN.findall(written.lower()):
        words = WORD.findall(run)
        at = 0
        while at < len(words):
            word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
            at += 1
            if not word.isascii() and "é" not in word:
                yield word, list(_parts(word))
            elif following and (both := _english(f"{word}-{following}")):
                at += 1
                yield f"{word} {following}", [both]
            elif whole := _english(word):
                yield word, [whole]
            else:
                for part in word.split("-"):
                    names = _english(part)
                    yield part, [names] if names else []


def _parts(word: str) -> Iterator[tuple[str, ...]]:
    """Known words inside a Korean one, the longest first. Those of one letter only where a particle follows."""
    known, at = vocabulary().ko, 0
    longest = max(map(len, known))
    while at < len(word):
        lengths = range(min(longest, len(word) - at), 0, -1)
        length = next((n for n in lengths if word[at : at + n] in known and (n > 1 or _alone(word, at))), 0)
        if length:
            yield known[word[at : at + length]]
        at += length or 1


def without_particle(word: str) -> str:
    """A Korean word without its last letter where that is likely a particle."""
    return word[:-1] if len(word) > 2 and word[-1] in PARTICLES else word


def _alone(word: str, at: int) -> bool:
    return at == 0 and (len(word) == 1 or word[1:] in PARTICLES)


def _english(word: str) -> tuple[str, ...] | None:
    known = vocabulary().en
    return next((known[form] for form in _forms(word) if form in known), None)


def _forms(word: str) -> list[str]:
    """The word, and what it may be the form of."""
    forms = [word]
    for ending, instead in ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) >= LEAST_STEM:
            forms.append(stem + instead)
    doubled = re.fullmatch(r"(.+(.))\2ing", word)
    return [*forms, doubled[1]] if doubled else forms


def _unknown(word: str) -> dict[str, float]:
    known = vocabulary()
    if word.isascii():
        is_empty = word in known.empty_words or len(word) < 2
        return {} if is_empty else {min(_forms(word), key=len)[:STEM_CHARS]: UNKNOWN}
    pairs = (word[at : at + 2] for at in range(len(word) - 1))
    return {pair: UNKNOWN_PAIR for pair in pairs if pair not in known.empty_pairs}
