"""What models are worth, as one line of JSON: of each, the share of held-out sentences that it gets right, by language.

    python evaluate.py MODEL… [--learnt FOLDER]

Right is the meant intent and sure of it, as the bot would act; being unsure is a miss. Text that is out of scope is
right by its own intent or by being unsure. Whatever has a Hangul letter is Korean. Sentences that the examples in
FOLDER repeat are left out: a model that has learnt one by heart proves nothing with it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
from collections import defaultdict
from pathlib import Path

import structlog
from components.text import HANGUL, normalise
from rasa.core.agent import Agent
from rasa.shared.nlu.training_data.loading import load_data

HELD_OUT = Path(__file__).parent / "tests"
OUT_OF_SCOPE, UNSURE = "out_of_scope", "nlu_fallback"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--learnt", metavar="FOLDER")
    asked = parser.parse_args()
    # Else Rasa writes a line for each sentence, and the figures would have to be looked for.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    sentences = held_out(learnt=asked.learnt)
    print(json.dumps({model: asyncio.run(score(model, sentences)) for model in asked.models}))


def held_out(learnt: str | None = None) -> list[tuple[str, str]]:
    """Text and intent of every held-out sentence, whichever file of the folder it is in."""
    known = {normalise(text) for text, _ in examples(learnt)} if learnt else set()
    files = sorted(HELD_OUT.glob("*.yml"))
    return [(text, meant) for file in files for text, meant in examples(str(file)) if normalise(text) not in known]


def examples(path: str) -> list[tuple[str, str]]:
    return [(example.get("text"), example.get("intent")) for example in load_data(path).intent_examples]


async def score(model: str, sentences: list[tuple[str, str]]) -> dict[str, float]:
    """The share that is right, between 0 and 1, by language."""
    agent = Agent.load(model)
    right = defaultdict(list)
    for text, meant in sentences:
        said = (await agent.parse_message(text))["intent"]["name"]
        fits = said == meant or (meant == OUT_OF_SCOPE and said == UNSURE)
        right["ko" if HANGUL.search(text) else "en"].append(fits)
    return {lang: sum(claims) / len(claims) for lang, claims in sorted(right.items())}


if __name__ == "__main__":
    main()
