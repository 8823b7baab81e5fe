"""What models make of the held-out sentences, as one line of JSON.

    python evaluate.py MODEL… [--learnt FOLDER…]

{"sentences": [{"text": …, "meant": …, "lang": "ko"|"en"}, …],
 "answers": {MODEL: [{"guesses": [the three likeliest intents], "is_sure": …}, …]}}, in the order of the sentences.

Sure is what the bot would act on. Whatever has a Hangul letter is Korean. Sentences that the examples in a FOLDER
repeat are left out: a model that has learnt one by heart proves nothing with it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
from pathlib import Path

import structlog
from components.text import HANGUL, normalise
from rasa.core.agent import Agent
from rasa.shared.nlu.training_data.loading import load_data

HELD_OUT = Path(__file__).parent / "tests"
UNSURE = "nlu_fallback"
GUESSES = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--learnt", nargs="*", default=[], metavar="FOLDER")
    asked = parser.parse_args()
    # Else Rasa writes a line for each sentence, and the figures would have to be looked for.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    sentences = held_out(learnt=asked.learnt)
    texts = [sentence["text"] for sentence in sentences]
    answers = {model: asyncio.run(answers_of(model, texts)) for model in asked.models}
    print(json.dumps({"sentences": sentences, "answers": answers}))


def held_out(learnt: list[str]) -> list[dict[str, str]]:
    """Every held-out sentence that is not in `learnt`, whichever file of the folder it is in."""
    known = {normalise(text) for folder in learnt for text, _ in examples(folder)}
    return [
        {"text": text, "meant": meant, "lang": "ko" if HANGUL.search(text) else "en"}
        for file in sorted(HELD_OUT.glob("*.yml"))
        for text, meant in examples(str(file))
        if normalise(text) not in known
    ]


def examples(path: str) -> list[tuple[str, str]]:
    return [(example.get("text"), example.get("intent")) for example in load_data(path).intent_examples]


async def answers_of(model: str, texts: list[str]) -> list[dict[str, object]]:
    agent = Agent.load(model)
    answers = []
    for text in texts:
        parsed = await agent.parse_message(text)
        guesses = [guess["name"] for guess in parsed["intent_ranking"] if guess["name"] != UNSURE]
        answers.append({"guesses": guesses[:GUESSES], "is_sure": parsed["intent"]["name"] != UNSURE})
    return answers


if __name__ == "__main__":
    main()
