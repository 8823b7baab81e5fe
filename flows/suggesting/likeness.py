"""What search and likeness know of a text: its words, and one vector of what it means and what it is about.

The vector joins 512 numbers of the encoder's, for the meaning, and 512 for the subject, so that one index finds what
is alike by both. The subject needs no model: each thing of the vocabulary is a fixed direction, the bits of its hash.
"""

import hashlib
from functools import lru_cache, reduce
from math import sqrt
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from flows.meaning import Meaning
from flows.store.tables.suggesting import MEANING_NUMBERS, SUBJECT_NUMBERS
from flows.terms import terms, tsvector
from flows.vocabulary import names_in, read, things_in, without_particle

# The share of the subject in the likeness of two texts; the rest is the meaning's. Floors under which nothing is alike,
# by both and by the subject alone. Measured by `make bench-suggestions`; see docs/decisions.md.
SUBJECT_SHARE = 0.5
LEAST_BOTH, LEAST_SUBJECT = 0.34, 0.18


def searched(text: str, translation: str | None) -> dict[str, Any]:
    """The columns by which a suggestion with these public texts is found; the encoder's part comes with a job."""
    words = tsvector(terms(text), terms(translation or ""))
    things = cast(names_in(f"{text}\n{translation or ''}"), ARRAY(String))
    return {"words": words.op("||")(func.array_to_tsvector(things)), "meaning": vector(text, None), "encoded": False}


def asked_for(words: str) -> ColumnElement[Any]:
    """The tsquery for what has every word: itself, here and there with a particle, or what the vocabulary knows it for.

    A Korean word of one letter stands for all that begin with it.
    """
    each = []
    for word, parts in read(words):
        if pairs := terms(without_particle(word)).pairs:
            literally = func.to_tsquery("simple", " & ".join(p if len(p) > 1 else f"{p}:*" for p in pairs))
        else:
            literally = func.plainto_tsquery("english", word)
        things = " & ".join(f"'{names[0]}'" for names in parts)
        each.append(literally.op("||")(cast(things, TSQUERY)) if things else literally)
    return reduce(lambda left, right: left.op("&&")(right), each, cast("", TSQUERY))


def vector(text: str, meaning: Meaning | None) -> list[float]:
    """The inner product of two is their likeness, at most 1; without a meaning its part is empty."""
    of_meaning = [0.0] * MEANING_NUMBERS if meaning is None else [sqrt(1 - SUBJECT_SHARE) * it for it in meaning]
    return [*of_meaning, *(sqrt(SUBJECT_SHARE) * it for it in _subject(text))]


def _subject(text: str) -> list[float]:
    """A unit vector: the weighted sum of the directions of all things in the text."""
    total = [0.0] * SUBJECT_NUMBERS
    for thing, weight in things_in(text).items():
        for at, sign in enumerate(_direction(thing)):
            total[at] += weight * sign
    length = sqrt(sum(it * it for it in total)) or 1.0
    return [it / length for it in total]


@lru_cache(maxsize=10_000)
def _direction(thing: str) -> tuple[int, ...]:
    bits = int.from_bytes(hashlib.sha512(thing.encode()).digest())
    return tuple(1 if bits >> at & 1 else -1 for at in range(SUBJECT_NUMBERS))
