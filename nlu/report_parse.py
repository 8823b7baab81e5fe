"""Parses sentences with a model in a process of its own, whose memory and time are then the model's alone.

    python report_parse.py MODEL SENTENCES.json ANSWERS.json

Through `Agent.parse_message`, which is what Rasa's server calls; started by report.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from rasa.core.agent import Agent
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY
from report_run import resident_mb

_WARM_UP = 20  # sentences; the first ones of a process are slower and are nobody's


def main(model: str, sentences: str, out: str) -> None:
    texts = json.loads(Path(sentences).read_text(encoding="utf-8"))
    rankings, took_ms = asyncio.run(_parse(Agent.load(model), texts))
    found = {"rankings": rankings, "took_ms": took_ms, "rss_mb": resident_mb(os.getpid())}
    Path(out).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


async def _parse(agent: Agent, texts: list[str]) -> tuple[list[list[tuple[str, float]]], list[float]]:
    for text in texts[:_WARM_UP]:
        await agent.parse_message(text)
    rankings, took_ms = [], []
    for text in texts:
        asked = time.perf_counter()
        parsed = await agent.parse_message(text)
        took_ms.append((time.perf_counter() - asked) * 1000)
        ranking = [(guess[INTENT_NAME_KEY], guess[PREDICTED_CONFIDENCE_KEY]) for guess in parsed[INTENT_RANKING_KEY]]
        rankings.append([guess for guess in ranking if guess[0] != DEFAULT_NLU_FALLBACK_INTENT_NAME])
    return rankings, took_ms


if __name__ == "__main__":
    main(*sys.argv[1:])
