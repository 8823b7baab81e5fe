"""How well search finds the right topic: `python -m bench.search [MORE.yml …]`, on Rasa test files.

Reads nlu/tests/test_data.yml and the files named. Floors are chosen on one half of the sentences and judged on the
other. The last line is JSON.
"""

import asyncio
import hashlib
import json
import re
import sys
import tempfile
from pathlib import Path

import yaml

from bot import embedded
from flows.answering import load_topics, read_topics
from flows.answering.search import RANKED, WORDS_SHARE, Found, fit
from flows.meaning import meanings_of
from flows.store import Database, migrate
from flows.terms import terms

MARKED = re.compile(r"\[([^]]+)\](?:\([^)]*\)|\{[^}]*\})")
NOT_OURS, FOUND_OF_NOT_OURS = "out_of_scope", 0.2


def sentences(paths: list[Path]) -> list[tuple[str, str]]:
    """(what is right, the sentence), for questions with a topic and for what is not ours."""
    known = {f"ask_{name}": name for name in read_topics()} | {NOT_OURS: ""}
    return list(
        dict.fromkeys(
            (known[block["intent"]], MARKED.sub(r"\1", line.strip()[2:]))
            for path in paths
            for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]
            if block.get("intent") in known
            for line in block["examples"].splitlines()
            if line.strip()
        )
    )


def judged(name: str, asked: list[tuple[str, str]], ranked: list[list[Found]]) -> dict[str, float]:
    """Shares of the questions (right topic in the first three) and of what is not ours (finds something)."""
    right = [any(found.topic == topic for found in best[:3]) for (topic, _), best in zip(asked, ranked, strict=True)]
    first_half = [hashlib.sha256(text.encode()).digest()[0] % 2 == 0 for _, text in asked]
    rows = list(zip(asked, ranked, right, first_half, strict=True))
    tops = sorted(best[0].fit for (topic, _), best, _, first in rows if not topic and first)
    floor = tops[int(len(tops) * (1 - FOUND_OF_NOT_OURS))]

    def share(of: list[bool]) -> float:
        return round(sum(of) / max(1, len(of)), 3)

    figures = {
        f"{name}_ko": share([ok for (topic, text), _, ok, _ in rows if topic and re.search("[가-힣]", text)]),
        f"{name}_en": share([ok for (topic, text), _, ok, _ in rows if topic and not re.search("[가-힣]", text)]),
        f"{name}_floor": round(floor, 3),
        f"{name}_above_floor": share([ok and b[0].fit >= floor for (t, _), b, ok, first in rows if t and not first]),
        f"{name}_not_ours": share([b[0].fit >= floor for (t, _), b, _, first in rows if not t and not first]),
    }
    if name != "meaning":  # never searched by meaning alone, so no floor of its own is set
        figures[f"{name}_as_set"] = share([ok and b[0].fit >= 0 for (t, _), b, ok, first in rows if t and not first])
        figures[f"{name}_not_ours_as_set"] = share(
            [b[0].fit >= 0 for (t, _), b, _, first in rows if not t and not first]
        )
    return figures


async def measure(url: str, paths: list[Path]) -> dict[str, float]:
    db = Database(url)
    await load_topics(db, read_topics())
    asked = sentences(paths)
    vectors = await meanings_of([text for _, text in asked])
    words, meanings, both = [], [], []
    async with db.transaction() as tx:
        for (_, text), vector in zip(asked, vectors, strict=True):
            of = terms(text)
            lang = "ko" if re.search("[가-힣]", text) else "en"
            params = {"pairs": list(of.pairs), "words": " ".join(of.words), "meaning": list(vector or ()), "lang": lang}
            rows = [tuple(row) for row in await tx.execute(RANKED, params)]
            words.append([Found(topic, fit(by_words, None)) for topic, by_words, _ in rows])
            meanings.append([Found(topic, by_meaning) for topic, _, by_meaning in rows])
            both.append([Found(topic, fit(by_words, by_meaning)) for topic, by_words, by_meaning in rows])
    await db.close()
    figures: dict[str, float] = {"topics": len(read_topics()), "sentences": len(asked), "words_share": WORDS_SHARE}
    for name, ranked in (("words", words), ("meaning", meanings), ("both", both)):
        figures |= judged(name, asked, [sorted(rows, key=lambda found: -found.fit) for rows in ranked])
    return figures


def main() -> None:
    paths = [Path("nlu/tests/test_data.yml"), *map(Path, sys.argv[1:])]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, embedded.started(Path(folder)) as url:
        migrate(url)
        figures = asyncio.run(measure(url, paths))
    for name, figure in figures.items():
        print(f"{name:<22}{figure:>8}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
