"""The held-out sentences stay held out: none is a training sentence, or nearly one, of any intent or language."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path

from components.text import jamo, normalise
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_yaml_file

DOMAIN = Path(__file__).parent.parent / "domain.yml"
TOO_ALIKE = 0.8  # of the jamo trigrams in either, those in both


def test_no_held_out_sentence_is_nearly_a_training_sentence(
    training_data: TrainingData, held_out: TrainingData
) -> None:
    seen = [(text, _trigrams(text)) for text in _texts(training_data)]
    places = defaultdict(list)
    for place, (_, trigrams) in enumerate(seen):
        for trigram in trigrams:
            places[trigram].append(place)
    leaks = []
    for text in _texts(held_out):
        pieces = _trigrams(text)
        shared = Counter(place for piece in pieces for place in places[piece])
        likeness = {place: n / (len(pieces) + len(seen[place][1]) - n) for place, n in shared.items()}
        leaks += [(text, seen[place][0], round(likeness[place], 2)) for place in shared if likeness[place] >= TOO_ALIKE]
    assert leaks == []


def test_every_intent_of_the_domain_has_examples_and_is_held_out(
    training_data: TrainingData, held_out: TrainingData
) -> None:
    intents = set(read_yaml_file(DOMAIN)["intents"])
    assert training_data.intents == intents
    assert held_out.intents == intents


def _texts(data: TrainingData) -> list[str]:
    return [example.get("text") for example in data.intent_examples]


def _trigrams(text: str) -> frozenset[str]:
    """The text's runs of three letters without blanks and punctuation; a shorter text is a run of its own."""
    letters = re.sub(r"[\W_]+", "", jamo(normalise(text)))
    return frozenset(letters[at : at + 3] for at in range(max(1, len(letters) - 2)))
