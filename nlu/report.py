"""What the model is worth: asks a running server the held-out sentences, as the bot would.

    python report.py [http://127.0.0.1:5005]

The server is one started as README.md says. `right`: the first guess, whatever its confidence; `in first three`: what
"did you mean" offers; `refused`: right, but below the thresholds; `mistaken`: wrong and sure. Out-of-scope text is
`caught` by its own intent or by being unsure. Intervals are 95 %, by the normal approximation.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
from components.text import HANGUL
from rasa.shared.nlu.training_data.loading import load_data

HELD_OUT = Path(__file__).parent / "tests" / "test_data.yml"
OUT_OF_SCOPE, UNSURE = "out_of_scope", "nlu_fallback"


@dataclass(frozen=True)
class Answer:
    text: str
    meant: str
    guesses: list[str]  # the likeliest first
    sure: bool
    took_ms: float

    @property
    def right(self) -> bool:
        return self.guesses[0] == self.meant

    @property
    def caught(self) -> bool:
        return not self.sure or self.guesses[0] == OUT_OF_SCOPE


def main(url: str = "http://127.0.0.1:5005") -> None:
    examples = load_data(str(HELD_OUT)).intent_examples
    answers = [ask(url, example.get("text"), example.get("intent")) for example in examples]
    ours = [answer for answer in answers if answer.meant != OUT_OF_SCOPE]
    foreign = [answer for answer in answers if answer.meant == OUT_OF_SCOPE]
    korean = [answer for answer in ours if HANGUL.search(answer.text)]
    english = [answer for answer in ours if not HANGUL.search(answer.text)]

    for name, some in {"Korean and mixed": korean, "English": english, "all in scope": ours}.items():
        print(
            f"{name:<17} right {share([a.right for a in some])}"
            f"   in first three {share([a.meant in a.guesses[:3] for a in some])}"
            f"   refused {share([a.right and not a.sure for a in some])}"
            f"   mistaken {share([not a.right and a.sure for a in some])}"
        )
    print(f"{'out of scope':<17} caught {share([answer.caught for answer in foreign])}")
    p50, p95 = np.percentile([answer.took_ms for answer in answers], [50, 95])
    print(f"{'POST /model/parse':<17} p50 {p50:.1f} ms, p95 {p95:.1f} ms, one at a time")
    print("\nwrong:")
    for answer in answers:
        if not answer.right:
            print(f"  {answer.meant} -> {answer.guesses[0]}{'' if answer.sure else ' (unsure)'}: {answer.text}")


def ask(url: str, text: str, meant: str) -> Answer:
    request = Request(f"{url}/model/parse", json.dumps({"text": text}).encode())
    asked = time.perf_counter()
    with urlopen(request, timeout=10) as response:
        parsed = json.load(response)
    took_ms = (time.perf_counter() - asked) * 1000
    guesses = [guess["name"] for guess in parsed["intent_ranking"] if guess["name"] != UNSURE]
    return Answer(text, meant, guesses, parsed["intent"]["name"] != UNSURE, took_ms)


def share(claims: Sequence[bool]) -> str:
    mean = float(np.mean(claims))
    return f"{mean:6.1%} ±{1.96 * (mean * (1 - mean) / len(claims)) ** 0.5:4.1%}"


if __name__ == "__main__":
    main(*sys.argv[1:])
