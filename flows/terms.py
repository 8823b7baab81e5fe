"""The words of a text as they are searched and compared, and the tsvector that holds them.

Korean is compared by pairs of letters (as Lucene's CJK analyser does), so that particles and missing blanks do little
harm; English by stems.
"""

import re
from dataclasses import dataclass
from functools import reduce
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column

STOP = {"뭐야", "무엇", "어떻", "떻게", "알려", "려줘", "인가", "가요", "있나", "나요", "하는", "해요", "니다", "습니"}
WORD = re.compile(r"[a-z0-9]+|[가-힣]+")


@dataclass(frozen=True, slots=True)
class Terms:
    """The words of a text as they are compared: pairs of neighbouring Hangul letters, and Latin words and numbers."""

    pairs: tuple[str, ...]
    words: tuple[str, ...]


def terms(written: str) -> Terms:
    pairs: list[str] = []
    words: list[str] = []
    for word in WORD.findall(written.lower()):
        if word[0].isascii():
            words.append(word)
        else:
            pairs += [word[i : i + 2] for i in range(len(word) - 1)] or [word]
    return Terms(tuple(pair for pair in pairs if pair not in STOP), tuple(words))


def tsvector(*weighted: Terms) -> ColumnElement[Any]:
    """At most four, the weightiest (PostgreSQL's A) first.

    An expression, so that stemming is PostgreSQL's own here and in a question.
    """
    parts = (
        func.setweight(func.to_tsvector(language, " ".join(written)), literal_column(f"'{weight}'"))
        for of, weight in zip(weighted, "ABCD", strict=False)
        for language, written in (("simple", of.pairs), ("english", of.words))
    )
    return reduce(lambda left, right: left.op("||")(right), parts)
