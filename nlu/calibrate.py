"""Chooses the two thresholds of `config.yml` on the training data alone, by cross-validation.

    python calibrate.py

Prints what each pair would do. An intent is *found* if it is right and sure enough; *refused* if right but not
sure enough; *mistaken* if wrong and acted upon. Out-of-scope text is *caught* by its own intent or by being unsure.
The pair to take is the one with the most caught and the fewest mistaken for at most 6 % refused (a refusal
still shows the three likeliest as buttons); it goes into `config.yml` by hand, after a look at its neighbours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import yaml
from components.intent_model import fit
from rasa.shared.nlu.training_data.loading import load_data

HERE = Path(__file__).parent
FOLDS = 5
MOST_REFUSED = 0.06
OUT_OF_SCOPE = "out_of_scope"
THRESHOLDS = (0.0, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
AMBIGUITIES = (0.0, 0.05, 0.1, 0.15, 0.2)


@dataclass(frozen=True)
class Guesses:
    """One entry an example, each guessed by a model that had not seen it."""

    right: np.ndarray
    confidence: np.ndarray
    lead: np.ndarray  # over the second best
    foreign: np.ndarray  # the example is out of scope
    called_foreign: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """Shares of the in-scope examples, and in `caught` of the out-of-scope ones."""

    threshold: float
    ambiguity: float
    found: float
    refused: float
    mistaken: float
    caught: float


def main() -> None:
    outcomes = outcomes_of(cross_validate())
    print("threshold  ambiguity  found  refused  mistaken  caught")
    for o in outcomes:
        shares = (o.found, o.refused, o.mistaken, o.caught)
        print(f"{o.threshold:9.2f}  {o.ambiguity:9.2f}  " + "  ".join(f"{share:7.1%}" for share in shares))
    best = by_rule(outcomes)
    print(f"\nthreshold: {best.threshold}\nambiguity_threshold: {best.ambiguity}")


def cross_validate() -> Guesses:
    examples = load_data(str(HERE / "data")).intent_examples
    texts = np.array([example.get("text") for example in examples])
    intents = np.array([example.get("intent") for example in examples])
    folds = np.array([_fold(text) for text in texts])
    classifier = yaml.safe_load((HERE / "config.yml").read_text())["pipeline"][0]
    settings = {name: classifier[name] for name in ("dense", "dense_scale", "C")}

    guessed = np.empty_like(intents)
    best, second = np.empty(len(texts)), np.empty(len(texts))
    for fold in range(FOLDS):
        unseen = folds == fold
        model = fit(list(texts[~unseen]), list(intents[~unseen]), **settings)
        confidences = model.confidences(list(texts[unseen]))
        guessed[unseen] = np.array(model.intents)[confidences.argmax(axis=1)]
        second[unseen], best[unseen] = np.sort(confidences, axis=1)[:, -2:].T
    return Guesses(guessed == intents, best, best - second, intents == OUT_OF_SCOPE, guessed == OUT_OF_SCOPE)


def judge(guesses: Guesses, threshold: float, ambiguity: float) -> Outcome:
    """What Rasa's FallbackClassifier would make of the guesses with these settings."""
    sure = (guesses.confidence >= threshold) & (guesses.lead >= ambiguity)
    ours = ~guesses.foreign
    return Outcome(
        threshold,
        ambiguity,
        found=(sure & guesses.right)[ours].mean(),
        refused=(~sure & guesses.right)[ours].mean(),
        mistaken=(sure & ~guesses.right)[ours].mean(),
        caught=(~sure | guesses.called_foreign)[guesses.foreign].mean(),
    )


def outcomes_of(guesses: Guesses) -> list[Outcome]:
    """What each pair of thresholds would do."""
    return [judge(guesses, *pair) for pair in product(THRESHOLDS, AMBIGUITIES)]


def by_rule(outcomes: Sequence[Outcome]) -> Outcome:
    """The pair to take."""
    return max((o for o in outcomes if o.refused <= MOST_REFUSED), key=lambda o: o.caught - o.mistaken)


def _fold(text: str) -> int:
    """The same for a text on every run and however many others there are."""
    return hashlib.sha256(text.encode()).digest()[0] % FOLDS


if __name__ == "__main__":
    main()
