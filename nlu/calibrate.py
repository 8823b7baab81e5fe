"""Chooses the two thresholds of `config.yml` on the training data alone, by cross-validation.

    python calibrate.py

Prints what each pair would do. An intent is *found* if it is right and sure enough; *refused* if right but not
sure enough; *mistaken* if wrong and acted upon. Out-of-scope text is *caught* by its own intent or by being unsure.
The pair to take is the one with the most caught and the fewest mistaken for at most 6 % refused (a refusal
still shows the likeliest as buttons); it goes into `config.yml` by hand, after a look at its neighbours.

Then, with the thresholds of `config.yml`, two of the bot's own: from which likelihood of being out of scope on nothing
is sure (`MAY_NOT_BE_OURS` in flows/understanding.py), and from which likelihood on a guess is worth a button
(`WORTH_OFFERING` and `DOUBTFUL` in flows/answering/unsure.py).
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
FOREIGN = (1.0, 0.3, 0.2, 0.15, 0.1, 0.05)
WORTH_A_BUTTON = (0.15, 0.1, 0.05, 0.03, 0.02, 0.01)
BUTTONS = 4


@dataclass(frozen=True)
class Guesses:
    """One entry an example, each guessed by a model that had not seen it."""

    right: np.ndarray
    confidence: np.ndarray
    lead: np.ndarray  # over the second best
    foreign: np.ndarray  # the example is out of scope
    called_foreign: np.ndarray
    likely_foreign: np.ndarray  # how likely it was thought to be out of scope
    likely_right: np.ndarray  # how likely the right intent
    place: np.ndarray  # of the right intent among the guesses; 0 is the first


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
    guesses = cross_validate()
    outcomes = outcomes_of(guesses)
    print("threshold  ambiguity  found  refused  mistaken  caught")
    for o in outcomes:
        shares = (o.found, o.refused, o.mistaken, o.caught)
        print(f"{o.threshold:9.2f}  {o.ambiguity:9.2f}  " + "  ".join(f"{share:7.1%}" for share in shares))
    best = by_rule(outcomes)
    print(f"\nthreshold: {best.threshold}\nambiguity_threshold: {best.ambiguity}")
    print_choices_of_the_bot(guesses)


def print_choices_of_the_bot(guesses: Guesses) -> None:
    fallback = yaml.safe_load((HERE / "config.yml").read_text())["pipeline"][-1]
    pair = fallback["threshold"], fallback["ambiguity_threshold"]
    print("\nmay not be ours from  found  refused  mistaken  caught")
    for foreign in FOREIGN:
        o = judge(guesses, *pair, foreign)
        shares = (o.found, o.refused, o.mistaken, o.caught)
        print(f"{foreign:20.2f}  " + "  ".join(f"{share:7.1%}" for share in shares))

    sure = (guesses.confidence >= pair[0]) & (guesses.lead >= pair[1])
    wrong = ~guesses.foreign & ~(sure & guesses.right)
    near = guesses.place < BUTTONS
    print(f"\na button from   of what is not found, the right one is among {BUTTONS}: unsure  out of scope  mistaken")
    for least in WORTH_A_BUTTON:
        offered = near & (guesses.likely_right >= least)
        kinds = (~sure, sure & guesses.called_foreign, sure & ~guesses.called_foreign)
        print(f"{least:13.2f}  " + "  ".join(f"{offered[wrong & kind].mean():7.1%}" for kind in kinds))


def cross_validate() -> Guesses:
    examples = load_data(str(HERE / "data")).intent_examples
    texts = np.array([example.get("text") for example in examples])
    intents = np.array([example.get("intent") for example in examples])
    folds = np.array([_fold(text) for text in texts])
    classifier = yaml.safe_load((HERE / "config.yml").read_text())["pipeline"][0]
    settings = {name: classifier[name] for name in ("dense", "dense_scale", "C")}

    guessed = np.empty_like(intents)
    best, second, foreign, right = (np.empty(len(texts)) for _ in range(4))
    place = np.empty(len(texts), int)
    for fold in range(FOLDS):
        unseen = folds == fold
        model = fit(list(texts[~unseen]), list(intents[~unseen]), **settings)
        confidences = model.confidences(list(texts[unseen]))
        guessed[unseen] = np.array(model.intents)[confidences.argmax(axis=1)]
        second[unseen], best[unseen] = np.sort(confidences, axis=1)[:, -2:].T
        foreign[unseen] = confidences[:, model.intents.index(OUT_OF_SCOPE)]
        right[unseen] = confidences[range(unseen.sum()), [model.intents.index(intent) for intent in intents[unseen]]]
        place[unseen] = (confidences > right[unseen, np.newaxis]).sum(axis=1)
    return Guesses(
        right=guessed == intents,
        confidence=best,
        lead=best - second,
        foreign=intents == OUT_OF_SCOPE,
        called_foreign=guessed == OUT_OF_SCOPE,
        likely_foreign=foreign,
        likely_right=right,
        place=place,
    )


def judge(guesses: Guesses, threshold: float, ambiguity: float, may_not_be_ours: float = 1.0) -> Outcome:
    """What Rasa's FallbackClassifier, and after it the bot, would make of the guesses with these settings."""
    sure = (guesses.confidence >= threshold) & (guesses.lead >= ambiguity)
    sure &= guesses.called_foreign | (guesses.likely_foreign < may_not_be_ours)
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
