"""Search over the topics: what is left when the intent model is unsure or away.

Full text and sentence vectors, both in PostgreSQL, in one ranked list.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from flows import meaning
from flows.meaning import Meaning
from flows.store import Database
from flows.store.tables.answering import TopicTextRow
from flows.terms import Terms, terms, tsvector
from flows.topics import Topic
from flows.wording import LANGS, Lang

FOUND_MOST = 3

# Measured on 807 held-out questions and 167 sentences that are not ours, 57 topics: `python -m bench.search`, given
# more test files. The right topic is among the first three, Korean and English: by words 89 and 87 of 100, by meaning
# 77 and 83, by both 89 and 93; by reciprocal rank fusion 87 and 88. The floors were chosen on one half of the
# sentences, so that about a fifth of what is not ours finds something. On the other half, by both: 85 of 100 questions
# find their topic and 12 of 100 others find something; by words alone: 69 and 10.
WORDS_SHARE = 2.0
LEAST_BOTH, LEAST_WORDS = 0.38, 0.13

SENTENCE_END = re.compile(r"(?<=[.?!])\s+")


@dataclass(frozen=True, slots=True)
class Found:
    """A topic, and how far above the floor it fits what was asked."""

    topic: str
    fit: float


def first_sentence(paragraphs: str) -> str:
    return SENTENCE_END.split(paragraphs.strip(), maxsplit=1)[0].replace("\n", " ")


# --- what is searched ------------------------------------------------------------------------------------------------


async def load_topics(db: Database, topics: Mapping[str, Topic]) -> None:
    """Bring the topics' texts into the rows where they changed, or where the encoder was away. May be repeated."""
    texts = _texts(topics.values())
    key = tuple_(TopicTextRow.topic, TopicTextRow.lang)
    async with db.transaction() as tx:
        await tx.execute(delete(TopicTextRow).where(key.not_in(texts)))
        whole = select(TopicTextRow.topic, TopicTextRow.lang, TopicTextRow.hash).where(
            TopicTextRow.meaning.is_not(None)
        )
        known = {(topic, lang): hash_ for topic, lang, hash_ in await tx.execute(whole)}
    changed = {key: it for key, it in texts.items() if known.get(key) != it.hash}
    if not changed:
        return
    encoded = await _encode(changed)
    async with db.transaction() as tx:
        await keep(tx, encoded)


async def prepare(topic: Topic) -> "Encoded":
    """What search needs of a topic, for `keep`. Burns CPU: not within a transaction."""
    return await _encode(_texts([topic]))


async def keep(tx: AsyncSession, encoded: "Encoded") -> None:
    """Let search find these texts in the place of what it has of their topics."""
    for (topic, lang), (it, vector) in encoded.items():
        row = insert(TopicTextRow).values(
            topic=topic, lang=lang, hash=it.hash, words=it.words(), meaning=vector and list(vector)
        )
        new = {name: row.excluded[name] for name in ("hash", "words", "meaning")}
        await tx.execute(row.on_conflict_do_update(index_elements=["topic", "lang"], set_=new))


def _texts(topics: Iterable[Topic]) -> "dict[tuple[str, Lang], _Text]":
    return {(topic.name, lang): _Text.of(topic, lang) for topic in topics for lang in LANGS}


async def _encode(texts: "Mapping[tuple[str, Lang], _Text]") -> "Encoded":
    vectors = await meaning.meanings_of([it.to_encode for it in texts.values()])
    return {key: (it, vector) for (key, it), vector in zip(texts.items(), vectors, strict=True)}


@dataclass(frozen=True, slots=True)
class _Text:
    """A topic in one language: what its vector is made of, and its terms, the weightiest (PostgreSQL's A) first."""

    to_encode: str
    weighted: tuple[Terms, ...]

    @classmethod
    def of(cls, topic: Topic, lang: Lang) -> "_Text":
        title, answer = topic.title.of(lang), topic.answer.of(lang)
        here = topic.keywords.ko if lang == "ko" else topic.keywords.en
        rest = " ".join(part.of(lang) for part in (topic.more, topic.when, topic.who) if part)
        # People mix the languages in a sentence (“net zero 목표”), so the keywords of both are searched.
        keywords = " ".join((*topic.keywords.ko, *topic.keywords.en))
        encoded = f"{title}. {', '.join(here)}. {first_sentence(answer)}"
        return cls(encoded, tuple(map(terms, (title, keywords, answer, rest))))

    @property
    def hash(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def words(self) -> ColumnElement[Any]:
        return tsvector(*self.weighted)


type Encoded = Mapping[tuple[str, Lang], tuple[_Text, Meaning | None]]


# --- searching -------------------------------------------------------------------------------------------------------

# A term that many topics share says little: its rarity is the logarithm of how many have it. `by_words` is the share
# of the question that a topic covers, from 0 to about 1; ts_rank of one term is its weight (D to A), a little more for
# a term that comes again. Every topic of the language is read, so no index is of use; `|| ''` unpacks each text once
# and not once a term (TOAST).
RANKED = text("""
    WITH asked AS (
        SELECT DISTINCT term, quote_literal(term)::tsquery AS query
        FROM unnest(CAST(:pairs AS text[]) || tsvector_to_array(to_tsvector('english', :words))) AS term
    ), texts AS MATERIALIZED (
        SELECT topic, words || '' AS words, 1 - (meaning <=> CAST(:meaning AS vector)) AS by_meaning
        FROM topic_texts WHERE lang = :lang
    ), hits AS MATERIALIZED (
        SELECT topic, term, ts_rank('{0.2, 0.4, 0.8, 1.0}', words, query) AS weight
        FROM texts JOIN asked ON words @@ query
    ), rated AS MATERIALIZED (
        SELECT term, ln(1 + (SELECT count(*) FROM texts)::float / greatest(1, count(topic))) AS rarity
        FROM asked LEFT JOIN hits USING (term) GROUP BY term
    ), scored AS (
        SELECT topic, by_meaning, coalesce(sum(weight * rarity) / (SELECT sum(rarity) FROM rated), 0) AS by_words
        FROM texts LEFT JOIN hits USING (topic) LEFT JOIN rated USING (term) GROUP BY topic, by_meaning
    )
    SELECT topic, by_words, by_meaning FROM scored
""").bindparams(bindparam("meaning", type_=TopicTextRow.meaning.type))


async def search(tx: AsyncSession, asked: str, lang: Lang, meant: Meaning | None) -> list[Found]:
    """The best topics for a question, best first; none when nothing fits well enough."""
    of = terms(asked)
    rows = await tx.execute(
        RANKED, {"pairs": list(of.pairs), "words": " ".join(of.words), "meaning": meant and list(meant), "lang": lang}
    )
    rated = [Found(topic, fit(by_words, by_meaning)) for topic, by_words, by_meaning in rows]
    best = sorted(rated, key=lambda found: (-found.fit, found.topic))[:FOUND_MOST]
    return [found for found in best if found.fit >= 0]


def fit(by_words: float, by_meaning: float | None) -> float:
    """How far a topic is above the floor under which nothing is found; `by_meaning` is the cosine."""
    if by_meaning is None:
        return WORDS_SHARE * (by_words - LEAST_WORDS)
    return WORDS_SHARE * by_words + by_meaning - LEAST_BOTH
