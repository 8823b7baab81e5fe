"""What citizens get: every held-out sentence as the first message of a fresh chat with the running bot.

    python report_bot.py http://127.0.0.1:8000

Ask a bot that runs with CHAT_RATE_PER_SESSION=0 and CHAT_RATE_PER_ADDRESS=0. Prints a table, and as its last line
all figures as JSON, in shares of 1. *Right first*: the answer is to what was meant. *Or offered*: that, or a button
for it. *Mistaken*: an answer to something else, as if sure. *Refused*, of what is out of scope: it was not answered.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from report_damage import NO_BLANKS, TYPO, damaged
from report_measures import KINDS, LANGUAGES, OUT_OF_SCOPE, language_of, with_interval
from report_run import HERE
from report_sentences import Sentence, held_out
from report_write import table

UNSURE = "nlu_fallback"
_AT_ONCE, _ANSWER_S = 4, 30


@dataclass(frozen=True)
class Said:
    """How the bot took one sentence. Two answers, where it heard two questions."""

    sentence: Sentence
    answered: tuple[str, ...]
    offered: frozenset[str]

    @property
    def is_right(self) -> bool:
        return self.sentence.intent in self.answered

    @property
    def is_reachable(self) -> bool:
        return self.is_right or self.sentence.intent in self.offered

    @property
    def is_refused(self) -> bool:
        return not {*self.answered} - {UNSURE, OUT_OF_SCOPE}

    @property
    def is_mistaken(self) -> bool:
        return not self.is_right and not self.is_refused


def main(url: str) -> None:
    sentences = held_out(HERE / "tests")
    asked = [*sentences, *damaged(sentences)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        said = list(pool.map(lambda sentence: ask(url, sentence), asked))
    found = figures(said)
    print(tables(found))
    print(json.dumps(found))


def ask(url: str, sentence: Sentence) -> Said:
    """A new chat, one message. Raises RuntimeError when the bot refuses to talk."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=_ANSWER_S)
    lang = "ko" if language_of(sentence.text) in ("ko", "mixed") else "en"
    body = json.dumps({"text": sentence.text, "lang": lang}).encode()
    connection.request("POST", "/api/chat", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = json.loads(response.read())
    connection.close()
    if response.status == 422:  # nothing to read in it: refused, in words
        return Said(sentence, (UNSURE,), frozenset())
    if response.status != 200:
        raise RuntimeError(f"POST /api/chat answered {response.status} to {sentence.text!r}: {answer.get('detail')}")
    intents = answer.get("intents") or [answer["intent"]]
    values = [choice["value"] for reply in answer["replies"] for choice in reply["choices"]]
    return Said(sentence, tuple(intent["name"] for intent in intents), frozenset(map(_intent_of, values)))


def _intent_of(value: str) -> str:
    head, _, rest = value.partition(":")
    return f"ask_{rest}" if head == "ask" else head


def figures(said: Sequence[Said]) -> dict[str, float]:
    """Shares by name; one of no sentences is left out. `lost_…` in points against the same sentences undamaged."""
    found: dict[str, float] = {}

    whole = [s for s in said if not s.sentence.damage]
    ours = [s for s in whole if s.sentence.intent != OUT_OF_SCOPE]
    for lang in LANGUAGES:
        some = [s for s in ours if language_of(s.sentence.text) == lang]
        found |= with_interval(f"right_{lang}", [s.is_right for s in some])
        found |= with_interval(f"reachable_{lang}", [s.is_reachable for s in some])
        found |= with_interval(f"mistaken_{lang}", [s.is_mistaken for s in some])
    for kind in KINDS:
        foreign = [s for s in whole if s.sentence.kind == kind]
        for lang in LANGUAGES:
            found |= with_interval(
                f"refused_{kind}_{lang}", [s.is_refused for s in foreign if language_of(s.sentence.text) == lang]
            )
        found |= with_interval(f"refused_{kind}", [s.is_refused for s in foreign])
    right = {s.sentence.text: s.is_right for s in ours}
    for damage, lang in ((TYPO, "ko"), (NO_BLANKS, "ko"), (TYPO, "en")):
        some = [s for s in said if s.sentence.damage == damage and language_of(s.sentence.undamaged) == lang]
        if some:
            found[f"lost_{damage}_{lang}"] = sum(right[s.sentence.undamaged] - s.is_right for s in some) / len(some)
    return found


def tables(found: dict[str, float]) -> str:
    def cell(name: str) -> str:
        if name not in found:
            return "–"
        interval = f" ({found[f'{name}_low']:.1%}–{found[f'{name}_high']:.1%})" if f"{name}_low" in found else ""
        return f"{found[name]:.1%}{interval}"

    names = {"right first": "right", "right first, or offered": "reachable", "mistaken": "mistaken"}
    names |= {f"out of scope refused: {kind}": f"refused_{kind}" for kind in KINDS}
    names |= {"lost with one slip": f"lost_{TYPO}", "lost without blanks": f"lost_{NO_BLANKS}"}
    rows = [[title, *(cell(f"{name}_{lang}") for lang in LANGUAGES)] for title, name in names.items()]
    return table(["first message of a fresh chat", *LANGUAGES], rows)


if __name__ == "__main__":
    main(*sys.argv[1:])
