"""Whether an answer helped, as citizens say. Kept by version: a text that changes is rated anew."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows.answering.reviews import DIGITS, fingerprint
from flows.messages import Choice, CitizenId, Reply, Turn, UnknownChoice
from flows.store.tables.answering import RatingRow
from flows.topics import Topic
from flows.wording import LANGS, N_, Lang, as_lang

VERSION = re.compile(rf"[0-9a-f]{{{DIGITS}}}")
HELPFUL = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Tally:
    """How many ratings say that an answer helped, and how many that it did not."""

    helpful: int = 0
    unhelpful: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.helpful + other.helpful, self.unhelpful + other.unhelpful)

    @property
    def count(self) -> int:
        return self.helpful + self.unhelpful

    @property
    def is_mostly_unhelpful(self) -> bool:
        return self.unhelpful > self.helpful


@dataclass(frozen=True, slots=True)
class Ratings:
    """What is said of one answer: of its present text in each language, and of all texts before."""

    present: Mapping[Lang, Tally]
    earlier: Tally

    @property
    def total(self) -> Tally:
        """Of the present texts in all languages."""
        return sum(self.present.values(), Tally())


def rating(turn: Turn, topic: Topic) -> list[Choice]:
    """The two buttons under an answer, for the text that this turn shows."""
    version = fingerprint(topic, turn.lang)
    return [
        turn.choice(N_("This helped"), f"rate:{topic.name}:{version}:yes"),
        turn.choice(N_("This did not help"), f"rate:{topic.name}:{version}:no"),
    ]


async def rate(turn: Turn) -> list[Reply]:
    """`rate:<topic>:<version>:<yes or no>`: the last one pressed counts. What was talked of stays the subject."""
    match turn.args:
        case (name, version, said) if name in turn.topics and VERSION.fullmatch(version) and said in HELPFUL:
            topic, helpful = turn.topics[name], HELPFUL[said]
        case _:
            raise UnknownChoice
    # The language of the answer, which need not be that of the citizen by now.
    lang = next((lang for lang in LANGS if fingerprint(topic, lang) == version), turn.lang)
    row = {"citizen_id": turn.citizen.id, "topic": name, "version": version, "lang": lang}
    said_now = {"helpful": helpful, "at": turn.at}
    await turn.tx.execute(
        insert(RatingRow)
        .values(row | said_now)
        .on_conflict_do_update(index_elements=["citizen_id", "topic", "version"], set_=said_now)
    )
    if helpful:
        return [turn.reply(N_("Thank you for telling us. I am glad that it helped."))]
    sorry = N_(
        "I am sorry that this answer did not help. Staff see such ratings as totals only. One of these may help more."
    )
    return [turn.reply(sorry, *_ways_on(turn, topic))]


async def ratings(tx: AsyncSession, topics: Iterable[Topic]) -> dict[str, Ratings]:
    """What citizens say of these answers, by topic."""
    versions = {(topic.name, lang): fingerprint(topic, lang) for topic in topics for lang in LANGS}
    earlier = {name: Tally() for name, _ in versions}
    present = {name: dict.fromkeys(LANGS, Tally()) for name in earlier}
    row = RatingRow
    counts = (
        select(row.topic, row.lang, row.version, func.count().filter(row.helpful), func.count().filter(~row.helpful))
        .where(row.topic.in_(earlier))
        .group_by(row.topic, row.lang, row.version)
    )
    for name, spoken, version, helpful, unhelpful in await tx.execute(counts):
        lang, tally = as_lang(spoken), Tally(helpful, unhelpful)
        if versions[name, lang] == version:
            present[name][lang] = tally
        else:
            earlier[name] += tally
    return {name: Ratings(present[name], earlier[name]) for name in earlier}


async def count_rated(tx: AsyncSession, citizen: CitizenId) -> int:
    """How many ratings are kept of one citizen."""
    counted = await tx.scalar(select(func.count()).where(RatingRow.citizen_id == citizen))
    return counted or 0


def _ways_on(turn: Turn, topic: Topic) -> list[Choice]:
    """What may help where an answer did not."""
    follow_ups = []
    if turn.topic == topic.name:  # those are about the last answer, which an older button may not belong to
        more = [turn.choice(N_("Tell me more"), "more_detail")] if topic.more else []
        follow_ups = [*more, turn.choice(N_("See the sources"), "ask_source")]
    if topic.plain:
        follow_ups.insert(0, turn.choice(N_("In plain words"), f"plain_language:{topic.name}"))
    person = turn.choice(N_("Reach a person"), "human_handoff")
    return [*follow_ups, person, turn.choice(N_("Make a suggestion"), "submit_suggestion:start")]
