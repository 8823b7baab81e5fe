"""The answers in use: the city's files, and over them what staff put to use in the console.

`answer_uses` only grows, so its last id, the edition, says whether anything has changed. A message reads it in the
statement that reads its citizen; only when it has moved are the texts read again. So every process obeys at once, and
keeps nothing that could be stale.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from flows.answering.content import as_topic, read_topics
from flows.city import Both
from flows.store.tables.answering import AnswerUseRow, AnswerVersionRow
from flows.topics import AnswerText, Topic, Written

DIGITS = 12  # of a hash: enough to notice a change


@dataclass(frozen=True, slots=True)
class Override:
    """A text of the console that was put to use in the place of a file.

    It is settled once the file says the same, and older once the file has changed under it. `topic` is None when it
    can be used no longer, such as without one of its sources; then the file holds.
    """

    version: int
    topic: Topic | None
    is_settled: bool
    is_older: bool


def edition() -> ScalarSelect[int]:
    """The number of the last change to the answers in use, to be asked within another statement."""
    return select(func.coalesce(func.max(AnswerUseRow.id), 0)).scalar_subquery()


class InUse:
    """What one process remembers of the answers in use, by their edition."""

    def __init__(self) -> None:
        self._edition = 0
        self._topics: Mapping[str, Topic] | None = None

    async def at(self, tx: AsyncSession, edition: int) -> Mapping[str, Topic]:
        """The answers in use, by name. `edition` is the one that this transaction has read."""
        if self._topics is None or edition != self._edition:
            self._edition, overrides = await _read(tx)
            self._topics = _laid_over(overrides)
        return self._topics


async def topics_in_use(tx: AsyncSession) -> dict[str, Topic]:
    """The answers in use, by name."""
    return _laid_over((await _read(tx))[1])


async def overrides(tx: AsyncSession) -> dict[str, Override]:
    """The texts of the console that are in use, or would be, by the name of their answer."""
    return (await _read(tx))[1]


def text_of(written: AnswerText) -> AnswerText:
    """The part of an answer that staff may change. Blanks at the ends, which a file has, make no difference."""
    said = {part: getattr(written, part) for part in AnswerText.model_fields}
    return AnswerText(**{part: _stripped(text) if isinstance(text, Both) else text for part, text in said.items()})


def hash_of(text: AnswerText) -> str:
    return hashlib.sha256(text.model_dump_json().encode()).hexdigest()[:DIGITS]


def with_text(file: Topic, text: AnswerText) -> Topic:
    """The answer of a file, saying `text` instead. Raises KeyError when a source is unknown."""
    rest = {name: getattr(file, name) for name in Written.model_fields.keys() - AnswerText.model_fields.keys()}
    return as_topic(file.name, Written(**rest, **dict(text)))


def override(file: Topic, version: int, content: Mapping[str, Any], then: str) -> Override:
    """A version laid over a file. `then`: the hash of what the file said when it was put to use."""
    now = text_of(file)
    try:
        text = AnswerText.model_validate(content)
        topic = with_text(file, text)
    except (ValidationError, KeyError):
        return Override(version, None, is_settled=False, is_older=hash_of(now) != then)
    return Override(version, topic, is_settled=text == now, is_older=hash_of(now) != then and text != now)


async def _read(tx: AsyncSession) -> tuple[int, dict[str, Override]]:
    """The edition and what it lays over the files. One statement, so that they belong together."""
    use, version = AnswerUseRow, AnswerVersionRow
    stmt = (
        select(use.id, use.topic, use.file, version.id, version.content)
        .outerjoin(version, version.id == use.version_id)
        .where(use.id.in_(select(func.max(use.id)).group_by(use.topic)))
    )
    last, files, found = 0, read_topics(), {}
    for id_, name, then, number, content in await tx.execute(stmt):
        last = max(last, id_)
        if number is not None and name in files:
            found[name] = override(files[name], number, content, then)
    return last, found


def _laid_over(overrides: Mapping[str, Override]) -> dict[str, Topic]:
    if not overrides:
        return read_topics()
    return read_topics() | {name: it.topic for name, it in overrides.items() if it.topic}


def _stripped(text: Both) -> Both:
    return Both(ko=text.ko.strip(), en=text.en.strip())
