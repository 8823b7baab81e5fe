"""Likeness, list and search of suggestions: `python -m bench.suggestions` (`make bench-suggestions`).

Likeness: pairs of texts that say the same (bench/suggestions_pairs.yml). Among all texts, is the other of a pair one of
the three that are shown? The floors were chosen on one half of the ideas; the other is reported. But the vocabulary was
written with both in sight: a third part (bench/suggestions_unseen.yml) says what to expect of suggestions that nobody
has prepared for. False alarms are pairs of something else with the ideas of its theme.

Speed is measured with 2,000 and 200,000 suggestions in a database of its own, made of those texts and of vectors near
theirs: pages through the web application as the city's citizens open them, look-ups with the encoder's time.

Prints tables, and as its last line the figures as JSON.
"""

import asyncio
import hashlib
import json
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import numpy as np
import psycopg
import yaml
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import cast, column, insert, table

from bot import embedded
from bot.app import build
from bot.settings import Settings
from bot.web import create_app
from flows import commitments, suggesting
from flows.city import city
from flows.meaning import meaning_of, meanings_of
from flows.store import Database, migrate
from flows.suggesting import SIMILAR_MOST
from flows.suggesting.likeness import LEAST_BOTH, LEAST_SUBJECT, searched, vector

PAIRS, UNSEEN = (Path(__file__).with_name(f"suggestions_{name}.yml") for name in ("pairs", "unseen"))
PARTS = CHOSEN_ON, HELD_OUT, NEVER_SEEN = "chosen on", "held out", "unseen"
SMALL, LARGE = 2_000, 200_000
ASKED = 300
NOW = datetime(2026, 11, 24, tzinfo=UTC)
STATES = ("received", "in_review", "accepted", "declined", "done")
WORDS = (
    "버스",
    "그늘막",
    "자전거 도로",
    "태양광",
    "bus stop",
    "solar panels",
    "trees",
    "night bus",
    "학교 급식",
    "쓰레기",
)
KINDS = ("ko", "en", "unlike")
MEANING = 512  # numbers of a vector that are the encoder's
PATHS = ("ko→ko", "en→en", "ko→en", "en→ko", "twin ko→en", "twin en→ko")


@dataclass(frozen=True)
class Idea:
    theme: str
    ko: tuple[str, str]
    en: tuple[str, str]
    unlike: tuple[str, str]

    @property
    def part(self) -> str:
        """Whether the floors were chosen on it, or not, or it was not even seen when the vocabulary was written."""
        if self.theme == "unseen":
            return NEVER_SEEN
        return HELD_OUT if hashlib.sha256(self.ko[0].encode()).digest()[0] % 2 == 0 else CHOSEN_ON


def ideas() -> list[Idea]:
    content = {**yaml.safe_load(PAIRS.read_text("utf-8")), **yaml.safe_load(UNSEEN.read_text("utf-8"))}
    return [Idea(theme, *(tuple(one[kind]) for kind in KINDS)) for theme, of in content.items() for one in of]


# --- likeness --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Likeness:
    """Of a share of the ideas: recall at three a way, and how much is shown that is not alike.

    `in_words`: of something else with the idea whose words it shares. `in_theme`: with all ideas of its theme, that one
    among them. `anything`: of what nobody has said, the share that something is shown for.
    """

    recall: dict[str, float]
    in_words: float
    in_theme: float
    anything: float


async def likeness(of: Sequence[Idea]) -> dict[str, np.ndarray]:
    """The vectors of every kind of text, in the order of the ideas."""
    texts = {"ko0": [i.ko[0] for i in of], "ko1": [i.ko[1] for i in of], "en0": [i.en[0] for i in of]}
    texts |= {"en1": [i.en[1] for i in of], "unlike_ko": [i.unlike[0] for i in of]}
    texts |= {"unlike_en": [i.unlike[1] for i in of]}
    found = {}
    for kind, written in texts.items():
        meanings = await meanings_of(written)
        found[kind] = np.array([vector(text, meant) for text, meant in zip(written, meanings, strict=True)])
    return found


def judged(of: Sequence[Idea], vectors: dict[str, np.ndarray], floor: float, part: str) -> Likeness:
    """Asked with the texts of one part of the ideas, among those of all."""
    count = len(of)
    there = ("ko0", "en0", "unlike_ko", "unlike_en")
    known = np.concatenate([vectors[kind] for kind in there])
    first = {kind: at * count for at, kind in enumerate(there)}
    asked = [at for at, idea in enumerate(of) if idea.part == part]

    def scores(kind: str, at: int) -> np.ndarray:
        found = known @ vectors[kind][at]
        if kind in first:
            found[first[kind] + at] = -1  # not itself
        return found

    def recall(kind: str, wanted: str) -> float:
        hits = 0
        for at in asked:
            found = scores(kind, at)
            target = first[wanted] + at
            hits += bool(found[target] >= floor and (found > found[target]).sum() < SIMILAR_MOST)
        return hits / len(asked)

    ways = (("ko1", "ko0"), ("en1", "en0"), ("ko1", "en0"), ("en1", "ko0"), ("ko0", "en0"), ("en0", "ko0"))
    words, themes, anything = [], [], []
    for kind, mine in (("unlike_ko", "ko0"), ("unlike_en", "en0")):
        for at in asked:
            found = scores(kind, at)
            words.append(found[first[mine] + at] >= floor)
            themes += [found[first[mine] + n] >= floor for n in range(count) if of[n].theme == of[at].theme]
            anything.append(found.max() >= floor)
    shares = (float(np.mean(of_them)) for of_them in (words, themes, anything))
    return Likeness({name: recall(*way) for name, way in zip(PATHS, ways, strict=True)}, *shares)


def print_likeness(of: Sequence[Idea], vectors: dict[str, np.ndarray]) -> Likeness:
    alone = {kind: np.where(np.arange(v.shape[1]) < MEANING, 0, v) for kind, v in vectors.items()}
    print(f"{len(of)} ideas: " + ", ".join(f"{sum(i.part == p for i in of)} {p}" for p in PARTS))
    print(f"{'':<25}{'floor':>6}" + "".join(f"{name:>13}" for name in PATHS) + "  same words  same theme   anything")
    rows = [("both", vectors, LEAST_BOTH, part) for part in PARTS]
    rows += [("subject", alone, LEAST_SUBJECT, part) for part in PARTS]
    rows += [("both", vectors, floor, CHOSEN_ON) for floor in (0.30, 0.32, 0.36, 0.38)]
    rows += [("subject", alone, floor, CHOSEN_ON) for floor in (0.14, 0.16, 0.20)]
    for by, which, floor, part in rows:
        one = judged(of, which, floor, part)
        cells = "".join(f"{one.recall[way]:>13.2f}" for way in PATHS)
        name = f"{by}, {part}"
        print(f"{name:<25}{floor:>6.2f}{cells}{one.in_words:>12.2f}{one.in_theme:>12.2f}{one.anything:>11.2f}")
    return judged(of, vectors, LEAST_BOTH, HELD_OUT)


# --- speed -----------------------------------------------------------------------------------------------------------

# Every text comes again and again, each time a little elsewhere: its vector and one of NOISES others.
NOISES = 600
SEED = """
    INSERT INTO suggestions (receipt, channel, lang, text, commitment, theme, district, status, answer_ko, answer_en,
                             supports, due_at, published_at, created_at, changed_at, words, meaning, encoded)
    SELECT 'GJ-' || lpad(n::text, 8, '0'), 'web', b.lang, b.text || ' (' || n || ')',
           CASE n %% 7 WHEN 0 THEN 'KRGNJ0001' WHEN 1 THEN 'KRGNJ0002' END, b.theme,
           (ARRAY['donggu', 'seogu', 'namgu', 'bukgu', 'gwangsangu'])[1 + n %% 5], s.status,
           CASE WHEN s.status IN ('accepted', 'declined', 'done') THEN '검토했습니다.' END,
           CASE WHEN s.status IN ('accepted', 'declined', 'done') THEN 'We looked at it.' END,
           (200 / (1 + n * 7919 %% 997))::int, CASE WHEN s.status IN ('received', 'in_review') THEN moment + '20 d' END,
           CASE WHEN n %% 10 < 7 THEN moment + '1 d' END, moment, moment + '2 d',
           b.words || to_tsvector('simple', n::text), b.meaning + x.noise, true
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
    JOIN bench_base b ON b.id = n * 104729 %% %(bases)s
    JOIN bench_noise x ON x.id = n * 15485863 / 7 %% %(noises)s
    CROSS JOIN LATERAL (SELECT (ARRAY['received', 'received', 'in_review', 'in_review', 'accepted', 'accepted',
        'declined', 'done', 'merged', 'withdrawn', 'hidden', 'partly_accepted'])[1 + n * 31 %% 12] AS status) s
    CROSS JOIN LATERAL (SELECT timestamptz '2026-11-24' - n * interval '3 minutes' AS moment) m
"""
INDEX = "SELECT indexdef FROM pg_indexes WHERE indexname = 'ix_suggestions_meaning'"


def lay_base(url: str, of: Sequence[Idea], vectors: dict[str, np.ndarray]) -> None:
    """The texts of the pairs, as the product would write them, and small random vectors to lay over theirs."""
    kinds = {"ko0": [i.ko[0] for i in of], "en0": [i.en[0] for i in of]}
    kinds |= {"unlike_ko": [i.unlike[0] for i in of], "unlike_en": [i.unlike[1] for i in of]}
    numbers = vectors["ko0"].shape[1]
    noise = np.random.default_rng(0).normal(0, 0.5 / numbers**0.5, (NOISES, numbers))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE bench_base"
            f" (id bigint, theme text, lang text, text text, words tsvector, meaning halfvec({numbers}))"
        )
        connection.execute(f"CREATE TABLE bench_noise (id bigint, noise halfvec({numbers}))")
        rows = [
            (of[at].theme, "ko" if kind in ("ko0", "unlike_ko") else "en", text, vectors[kind][at])
            for kind, texts in kinds.items()
            for at, text in enumerate(texts)
        ]
        asyncio.run(_lay(url, rows))
        with connection.cursor().copy("COPY bench_noise FROM STDIN") as copy:
            for at, row in enumerate(noise):
                copy.write_row((at, str(row.round(5).tolist())))


async def _lay(url: str, rows: list[tuple[str, str, str, np.ndarray]]) -> None:
    db = Database(url)
    base = table("bench_base", *map(column, ("id", "theme", "lang", "text", "words", "meaning")))
    async with db.transaction() as tx:
        for at, (theme, lang, text, numbers) in enumerate(rows):
            known = searched(text, None)
            shown = cast(numbers.round(5).tolist(), HALFVEC(len(numbers)))
            await tx.execute(
                insert(base).values(id=at, theme=theme, lang=lang, text=text, words=known["words"], meaning=shown)
            )
    await db.close()


def seed(url: str, first: int, last: int, bases: int) -> None:
    """Suggestions number `first` to `last`; the index of likeness is built once over all."""
    with psycopg.connect(url, autocommit=True) as connection:
        (index,) = connection.execute(INDEX).fetchone() or ("",)
        connection.execute("DROP INDEX ix_suggestions_meaning")
        connection.execute(SEED, {"first": first, "last": last, "bases": bases, "noises": NOISES})
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute("SET max_parallel_maintenance_workers = 2")
        connection.execute(index)
        connection.execute("VACUUM ANALYZE suggestions")


async def speeds(url: str, of: Sequence[Idea]) -> dict[str, float]:
    """The 95th percentile of each, in milliseconds."""
    settings = Settings(_env_file=None, data_dir=Path(tempfile.gettempdir()), chat_rate_per_session=0)
    async with build(settings, database_url=url, nlu_url="http://127.0.0.1:1", now=lambda: NOW) as damso:
        transport = httpx.ASGITransport(create_app(damso))
        async with httpx.AsyncClient(transport=transport, base_url="http://damso.bench") as http:
            chance, texts = random.Random(0), [text for idea in of for text in (idea.ko[1], idea.en[1])]

            async def page(**query: str) -> None:
                (await http.get("/suggestions", params=query)).raise_for_status()

            async def listed() -> None:
                filters = {"theme": [*city().themes], "district": [*city().districts], "status": STATES}
                chosen = chance.sample(sorted(filters), chance.randrange(3))
                query = {name: chance.choice(filters[name]) for name in chosen}
                await page(sort=chance.choice(("new", "support", "waiting")), **query)

            async def searched_for() -> None:
                theme = {"theme": chance.choice([*city().themes])} if chance.random() < 0.3 else {}
                await page(q=chance.choice(WORDS), **theme)

            async def likened() -> None:
                text = chance.choice(texts)
                meant = await meaning_of(text)
                async with damso.db.transaction() as tx:
                    await suggesting.similar(tx, text, meant)

            return {
                "list": await timed(listed),
                "similar": await timed(likened),
                "search": await timed(searched_for),
            }


async def timed(one: Callable[[], Awaitable[None]]) -> float:
    for _ in range(20):  # the first of a process are slower and are nobody's
        await one()
    took = []
    for _ in range(ASKED):
        began = time.perf_counter()
        await one()
        took.append((time.perf_counter() - began) * 1000)
    return float(np.percentile(took, 95))


async def lay_plan(url: str) -> None:
    db = Database(url)
    async with db.transaction() as tx:
        await commitments.load_plans(tx, commitments.read_plans(), at=NOW)
    await db.close()


def main() -> None:
    of = ideas()
    vectors = asyncio.run(likeness(of))
    alike = print_likeness(of, vectors)
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, embedded.started(Path(folder)) as url:
        migrate(url)
        asyncio.run(lay_plan(url))
        lay_base(url, of, vectors)
        for name, first, last in (("2k", 1, SMALL), ("200k", SMALL + 1, LARGE)):
            seed(url, first, last, 4 * len(of))
            found[name] = asyncio.run(speeds(url, of))
    print(f"\n{'p95, ms':<10}{SMALL:>10,}{LARGE:>10,}{'ratio':>8}")
    for what in ("list", "similar", "search"):
        small, large = found["2k"][what], found["200k"][what]
        print(f"{what:<10}{small:>10.1f}{large:>10.1f}{large / small:>8.2f}")
    across = [alike.recall[way] for way in PATHS[2:]]
    figures = {
        "similar_recall_at_3_ko": alike.recall["ko→ko"],
        "similar_recall_at_3_en": alike.recall["en→en"],
        "similar_recall_at_3_across": float(np.mean(across)),
        "similar_false_alarm": alike.in_theme,
        **{f"{what}_p95_ms_{size}": found[size][what] for what in ("list", "similar") for size in ("2k", "200k")},
        "search_p95_ms_200k": found["200k"]["search"],
    }
    print(json.dumps({name: round(figure, 3) for name, figure in figures.items()}))


if __name__ == "__main__":
    main()
