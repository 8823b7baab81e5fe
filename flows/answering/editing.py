"""Staff change an answer in the console: every text is kept, one of them is in use.

    propose ──> proposed ── put_to_use ──> used     in the place of the file, until another is put to use
                    └────── set_aside ───> set aside

Any text can be put (back) to use, the file's own too. Who saves or decides names what they have seen (`Desk.seen`), so
that nobody's work is overwritten unread.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from flows import accounts
from flows.accounts import Staff
from flows.answering import search
from flows.answering.content import read_sources, read_topics
from flows.answering.in_use import Override, hash_of, override, overrides, text_of, with_text
from flows.answering.reviews import NoSuchTopic
from flows.city import city
from flows.errors import Conflict, Invalid, NotAllowed, NotFound
from flows.store import Database
from flows.store.tables.accounts import StaffRow
from flows.store.tables.answering import AnswerUseRow, AnswerVersionRow
from flows.topics import AnswerText, Topic
from flows.wording import LANGS, N_

PARTS = ("answer", "plain", "more", "when", "who")
PART_MOST_CHARS = 2_000
# One at a time: the numbers of uses must come in the order in which they are seen (`in_use`).
LOCK = text("LOCK TABLE answer_uses IN SHARE UPDATE EXCLUSIVE MODE")


class VersionState(StrEnum):
    """What became of a text that was written in the console."""

    PROPOSED = "proposed"
    USED = "used"
    SET_ASIDE = "set_aside"


class AnswerMoved(Conflict):
    """Somebody saved or decided something on this answer after it was looked at."""

    message = N_("Somebody else has worked on this answer meanwhile, so nothing of yours was saved.")


class NoSuchVersion(NotFound):
    message = N_("There is no such text of this answer.")


class Unusable(Conflict):
    message = N_("This text can no longer be used, because one of its sources is gone. Write a new one.")


class InUseAlready(Conflict):
    message = N_("This text is in use already.")


class SecondReaderNeeded(NotAllowed):
    """The city wants two people to have read what the bot says (`answers.second_reader` in `city.yml`)."""

    message = N_("You wrote this text, so another editor has to read it and put it to use.")


class PartMissing(Invalid):
    message = N_("Please write this in both languages.")


class PartTooLong(Invalid):
    message = N_("Please keep this to {most} characters. It has {length}.")


class NoSource(Invalid):
    field = "sources"
    message = N_("Please choose at least one source.")


class UnknownSource(Invalid):
    field = "sources"
    message = N_("There is no source named {name} any more. Please choose others.")


class HoursSourceMissing(Invalid):
    field = "sources"
    message = N_("The office hours rest on the source {name}. Please leave it chosen.")


class BadAsOf(Invalid):
    field = "as_of"
    message = N_("Please write a year, a month or a day, such as 2026, 2026-11 or 2026-11-24.")


class BadReviewDate(Invalid):
    field = "review_by"
    message = N_("Please give a date, such as 2026-11-24.")


class ReviewTooEarly(Invalid):
    field = "review_by"
    message = N_("The next review cannot be before the date of the information.")


class NothingChanged(Invalid):
    field = "answer_ko"
    message = N_("Nothing is different from the text before.")


@dataclass(frozen=True, slots=True)
class Version:
    """A text as it was written in the console. `by`: the e-mail of who wrote it; None when they have left."""

    number: int
    text: AnswerText
    state: VersionState
    by: str | None
    by_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """That a text was put to use; `version` is None for the file's own."""

    version: int | None
    by: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """All that is kept of one answer: its file, its versions and what was put to use, both the newest first.

    `override` is the text of the console in use, None while it is the file's own.
    """

    file: Topic
    override: Override | None
    versions: list[Version]
    uses: list[Use]
    seen: str

    @property
    def in_use(self) -> Topic:
        return (self.override and self.override.topic) or self.file

    @property
    def proposal(self) -> Version | None:
        """The newest text, while nobody has decided on it."""
        newest = self.versions[0] if self.versions else None
        return newest if newest and newest.state is VersionState.PROPOSED else None

    @property
    def newest(self) -> AnswerText:
        """What somebody goes on writing from."""
        return self.proposal.text if self.proposal else text_of(self.in_use)

    def version(self, number: int) -> Version:
        """Raises NoSuchVersion."""
        for version in self.versions:
            if version.number == number:
                return version
        raise NoSuchVersion

    def topic_of(self, number: int | None) -> Topic:
        """The answer with the text of a version, or of the file. Raises NoSuchVersion, Unusable."""
        if number is None:
            return self.file
        try:
            return with_text(self.file, self.version(number).text)
        except KeyError:
            raise Unusable from None

    @property
    def number_in_use(self) -> int | None:
        """The version that the bot says; None for the file's own."""
        return self.override.version if self.override and self.override.topic else None

    def has_in_use(self, number: int | None) -> bool:
        """Whether just this text was put to use last, over the file as it is."""
        if self.override is None:
            return number is None
        usable = self.override.topic is not None
        return usable and number == self.override.version and not self.override.is_older

    def is_usable(self, text: AnswerText) -> bool:
        return all(name in read_sources() for name in text.sources)

    def needs_reader(self, number: int | None, by: Staff) -> bool:
        """Whether somebody else has to put this text to use. What was in use before has been read by others."""
        if number is None or not city().answers.second_reader:
            return False
        version = self.version(number)
        return version.state is not VersionState.USED and version.by_id == by.id


def read_answer(topic: Topic, raw: Mapping[str, Any]) -> AnswerText | dict[str, Invalid]:
    """The text that a form holds, or what is wrong with it by field, as the files are checked.

    `raw` has for each part the words by language, the ids of the sources, and the two dates as they were written.
    """
    said = {part: raw[part] for part in PARTS if part == "answer" or any(raw[part].values())}
    try:
        read = AnswerText.model_validate({**raw, **dict.fromkeys(PARTS), **said})
    except ValidationError as wrong:
        found: dict[str, Invalid] = {}
        for name in (str(error["loc"][0]) for error in wrong.errors()):
            if name in PARTS:
                found |= {f"{name}_{lang}": PartMissing() for lang in LANGS if not raw[name][lang]}
            else:
                found[name] = {"sources": NoSource, "as_of": BadAsOf, "review_by": BadReviewDate}[name]()
        return found | _too_long(raw)
    return _too_long(raw) or _unfit(topic, read) or read


def _too_long(raw: Mapping[str, Any]) -> dict[str, Invalid]:
    lengths = {f"{part}_{lang}": len(raw[part][lang]) for part in PARTS for lang in LANGS}
    return {
        name: PartTooLong(most=PART_MOST_CHARS, length=length)
        for name, length in lengths.items()
        if length > PART_MOST_CHARS
    }


def _unfit(topic: Topic, read: AnswerText) -> dict[str, Invalid]:
    """What the whole of the content asks of an answer."""
    hours, found = city().office_hours, dict[str, Invalid]()
    if unknown := [name for name in read.sources if name not in read_sources()]:
        found["sources"] = UnknownSource(name=unknown[0])
    elif hours and topic.name == "contact" and hours.source not in read.sources:
        found["sources"] = HoursSourceMissing(name=hours.source)
    if read.is_reviewed_too_early:
        found["review_by"] = ReviewTooEarly()
    return found


async def desk(tx: AsyncSession, name: str) -> Desk:
    """What is kept of one answer. Raises NoSuchTopic."""
    file = read_topics().get(name)
    if file is None:
        raise NoSuchTopic(topic=name)
    row, use = AnswerVersionRow, AnswerUseRow
    written = (
        select(row, StaffRow.called)
        .outerjoin(StaffRow, StaffRow.id == row.made_by)
        .where(row.topic == name)
        .order_by(row.id.desc())
    )
    put = (
        select(use, StaffRow.called)
        .outerjoin(StaffRow, StaffRow.id == use.used_by)
        .where(use.topic == name)
        .order_by(use.id.desc())
    )
    rows = [(row, by) for row, by in await tx.execute(written)]
    uses = [(use, by) for use, by in await tx.execute(put)]
    content = {row.id: row.content for row, _ in rows}
    last = uses[0][0] if uses else None
    states = ",".join(f"{row.id}{row.state[0]}" for row, _ in rows[:1])
    return Desk(
        file=file,
        override=override(file, last.version_id, content[last.version_id], last.file)
        if last and last.version_id
        else None,
        versions=[version for row, by in rows if (version := _version(row, by))],
        uses=[Use(use.version_id, by, use.used_at) for use, by in uses],
        seen=f"{states}.{last.id if last else 0}.{hash_of(text_of(file))}",
    )


async def waiting_proposals(tx: AsyncSession) -> set[str]:
    """The names of the answers with a proposal on which nobody has decided."""
    newest = select(func.max(AnswerVersionRow.id)).group_by(AnswerVersionRow.topic)
    row = AnswerVersionRow
    return {*await tx.scalars(select(row.topic).where(row.id.in_(newest), row.state == VersionState.PROPOSED))}


async def propose_answer(tx: AsyncSession, name: str, words: AnswerText, *, seen: str, by: Staff, at: datetime) -> int:
    """Keep a text that `read_answer` has found right, to be read and put to use; its number.

    Raises NoSuchTopic, AnswerMoved, NothingChanged.
    """
    known = await _locked(tx, name, seen)
    if words == known.newest:
        raise NothingChanged
    based_on, content = hash_of(text_of(known.in_use)), words.model_dump(mode="json")
    row = AnswerVersionRow(
        topic=name, content=content, based_on=based_on, state=VersionState.PROPOSED, made_by=by.id, made_at=at
    )
    tx.add(row)
    await tx.flush()
    await accounts.audit(tx, by, "answer.proposed", f"{name}/{row.id}", at=at)
    return row.id


async def put_to_use(db: Database, name: str, number: int | None, *, seen: str, by: Staff, at: datetime) -> None:
    """Let the bot say the text of a version from now on, or without a number, what the file says.

    Search finds it from the same moment. Raises NoSuchTopic, NoSuchVersion, AnswerMoved, Unusable, InUseAlready,
    SecondReaderNeeded.
    """
    async with db.transaction() as tx:
        known = await desk(tx, name)
    encoded = await search.prepare(known.topic_of(number))
    async with db.transaction() as tx:
        known = await _locked(tx, name, seen)
        if known.has_in_use(number):
            raise InUseAlready
        if known.needs_reader(number, by):
            raise SecondReaderNeeded
        if number is not None:
            await tx.execute(_to(number, VersionState.USED))
        before = known.number_in_use
        use = AnswerUseRow(topic=name, version_id=number, file=hash_of(text_of(known.file)), used_by=by.id, used_at=at)
        tx.add(use)
        await search.keep(tx, encoded)
        await accounts.audit(tx, by, "answer.put_to_use", name, before=_said(before), after=_said(number), at=at)


async def set_aside_version(tx: AsyncSession, name: str, number: int, *, seen: str, by: Staff, at: datetime) -> None:
    """Decide against a proposal; it is kept. Raises NoSuchTopic, AnswerMoved."""
    known = await _locked(tx, name, seen)
    if known.proposal is None or known.proposal.number != number:
        raise AnswerMoved
    await tx.execute(_to(number, VersionState.SET_ASIDE))
    await accounts.audit(tx, by, "answer.set_aside", f"{name}/{number}", at=at)


async def settle(tx: AsyncSession, *, at: datetime) -> None:
    """Let the files hold again that say what a text of the console says in their place.

    From then on a change of the file counts. May be repeated.
    """
    await tx.execute(LOCK)
    for name, it in (await overrides(tx)).items():
        if it.is_settled:
            file = hash_of(text_of(read_topics()[name]))
            tx.add(AnswerUseRow(topic=name, version_id=None, file=file, used_by=None, used_at=at))
            await accounts.audit(tx, None, "answer.taken_over", name, at=at)


async def _locked(tx: AsyncSession, name: str, seen: str) -> Desk:
    """The answer as somebody saw it. Raises NoSuchTopic, AnswerMoved."""
    await tx.execute(LOCK)
    known = await desk(tx, name)
    if known.seen != seen:
        raise AnswerMoved
    return known


def _said(number: int | None) -> accounts.Detail:
    return {"text": number or "file"}


def _to(number: int, state: VersionState) -> Any:
    return update(AnswerVersionRow).where(AnswerVersionRow.id == number).values(state=state)


def _version(row: AnswerVersionRow, by: str | None) -> Version | None:
    """None for a text that another version of the program wrote and this one cannot read."""
    try:
        read = AnswerText.model_validate(row.content)
    except ValidationError:
        return None
    return Version(row.id, read, VersionState(row.state), by, row.made_by, row.made_at)
