"""The figures of the report, free of Rasa: answers in, shares and lists out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from components.text import HANGUL
from sklearn.metrics import f1_score, roc_auc_score

OUT_OF_SCOPE = "out_of_scope"
KINDS = ("near", "far", "noise")  # of out-of-scope text: other city business, other matters, no message at all
LANGUAGES = ("ko", "en", "mixed")
EQUAL_REFUSAL = 0.05  # where pipelines are compared whose confidences are not on one scale
_LATIN = re.compile(r"[a-z]", re.IGNORECASE)
_RESAMPLES = 2_000
_BINS = 10


@dataclass(frozen=True)
class Thresholds:
    """As `FallbackClassifier` in config.yml has them."""

    confidence: float
    lead: float


@dataclass(frozen=True)
class Answer:
    """What a pipeline made of one held-out sentence; `ranking` is the likeliest first, without `nlu_fallback`."""

    text: str
    meant: str
    kind: str  # one of KINDS, or empty where the file does not say
    file: str
    ranking: tuple[tuple[str, float], ...]
    damage: str = ""  # a slip of a finger, or no blanks (report_damage.py)
    undamaged: str = ""

    @property
    def guess(self) -> str:
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        return self.ranking[0][1]

    @property
    def lead(self) -> float:
        return self.confidence - (self.ranking[1][1] if len(self.ranking) > 1 else 0.0)

    @property
    def is_right(self) -> bool:
        return self.guess == self.meant

    @property
    def is_in_scope(self) -> bool:
        return self.meant != OUT_OF_SCOPE

    def is_in_first(self, count: int) -> bool:
        return self.meant in [name for name, _ in self.ranking[:count]]

    def is_sure(self, thresholds: Thresholds) -> bool:
        return self.confidence >= thresholds.confidence and self.lead >= thresholds.lead

    def is_caught(self, thresholds: Thresholds) -> bool:
        return self.guess == OUT_OF_SCOPE or not self.is_sure(thresholds)


def language_of(text: str) -> str:
    """By script: "mixed" has both ("OGP가 뭐예요" too), and what has neither, as "123" or "😀", is "none"."""
    scripts = bool(HANGUL.search(text)), bool(_LATIN.search(text))
    return {(True, False): "ko", (False, True): "en", (True, True): "mixed", (False, False): "none"}[scripts]


def figures(answers: Sequence[Answer], thresholds: Thresholds) -> dict[str, float]:
    """Every figure by its name. Shares are of 1; one of no sentences at all is left out.

    `right`, `first_three`, `refused` (right, but unsure) and `mistaken` (wrong and sure) are of the in-scope sentences,
    `caught` of the out-of-scope ones, `macro_f1` and `ece` of all, with out_of_scope an intent like the others. `auroc`
    is how well the confidence, nought where the guess is out_of_scope, tells the ones from the others. `lost_<damage>`
    is by how much fewer of the damaged sentences are right than of the same ones undamaged; they count nowhere else.
    """
    broken, answers = [a for a in answers if a.damage], [a for a in answers if not a.damage]
    ours = [answer for answer in answers if answer.is_in_scope]
    foreign = [answer for answer in answers if not answer.is_in_scope]
    found: dict[str, float] = {}

    groups = {"all": ours} | {lang: [a for a in ours if language_of(a.text) == lang] for lang in LANGUAGES}
    groups |= {file: [a for a in ours if a.file == file] for file in sorted({a.file for a in ours})}
    for name, group in groups.items():
        found |= with_interval(f"right_{name}", [a.is_right for a in group])
        found |= _share(f"first_three_{name}", [a.is_in_first(3) for a in group])
        found |= _share(f"refused_{name}", [a.is_right and not a.is_sure(thresholds) for a in group])
        found |= _share(f"mistaken_{name}", [not a.is_right and a.is_sure(thresholds) for a in group])

    for name, group in {"all": foreign, **{kind: [a for a in foreign if a.kind == kind] for kind in KINDS}}.items():
        found |= with_interval(f"caught_{name}", [a.is_caught(thresholds) for a in group])

    whole = {answer.text: answer.is_right for answer in ours}
    for damage, lang in sorted({(a.damage, language_of(a.undamaged)) for a in broken}):
        some = [a for a in broken if (a.damage, language_of(a.undamaged)) == (damage, lang)]
        found |= with_interval(f"right_{damage}_{lang}", [a.is_right for a in some])
        found[f"lost_{damage}_{lang}"] = float(np.mean([whole[a.undamaged] - a.is_right for a in some]))

    found["macro_f1"] = macro_f1(answers)
    for language in LANGUAGES:
        if some := [a for a in answers if language_of(a.text) == language]:
            found[f"macro_f1_{language}"] = macro_f1(some)
    found["ece"] = calibration_error([a.confidence for a in answers], [a.is_right for a in answers])
    found["mean_confidence"] = float(np.mean([a.confidence for a in answers]))
    found["right_with_out_of_scope"] = float(np.mean([a.is_right for a in answers]))
    if ours and foreign:
        belongs = [0.0 if a.guess == OUT_OF_SCOPE else a.confidence for a in answers]
        found["auroc"] = float(roc_auc_score([a.is_in_scope for a in answers], belongs))
        at_equal = Thresholds(threshold_for(ours, EQUAL_REFUSAL), 0.0)
        found["caught_at_equal_refusal"] = float(np.mean([a.is_caught(at_equal) for a in foreign]))
        found["mistaken_at_equal_refusal"] = float(np.mean([not a.is_right and a.is_sure(at_equal) for a in ours]))
    return found


def bootstrap_interval(values: Sequence[float], *, seed: int = 0) -> tuple[float, float]:
    """Between which the mean lies in 95 % of samples drawn again from `values`; the same on every run."""
    drawn = np.random.default_rng(seed).choice(np.asarray(values, float), (_RESAMPLES, len(values)))
    low, high = np.percentile(drawn.mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error: by how much confidence and share right differ in a bin, weighed by its size.

    Ten bins of equal width (Naeini et al. 2015; Guo et al. 2017).
    """
    said, true = np.asarray(confidences, float), np.asarray(right, float)
    bins = np.minimum((said * _BINS).astype(int), _BINS - 1)
    return float(sum(abs((said - true)[bins == one].sum()) for one in range(_BINS)) / len(said))


def macro_f1(answers: Sequence[Answer]) -> float:
    """The mean of the intents' F1, each counting the same; of the intents that somebody meant."""
    meant = [answer.meant for answer in answers]
    guessed = [answer.guess for answer in answers]
    return float(f1_score(meant, guessed, labels=sorted(set(meant)), average="macro", zero_division=0))


def confusion_pairs(answers: Sequence[Answer], most: int = 15) -> list[tuple[str, str, int, str]]:
    """What was meant, what was guessed, how often, and the first such sentence; the most frequent first."""
    wrong = [answer for answer in answers if not answer.is_right]
    counts = Counter((answer.meant, answer.guess) for answer in wrong)
    examples = {(answer.meant, answer.guess): answer.text for answer in reversed(wrong)}
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    return [(*pair, count, examples[pair]) for pair, count in ranked]


def threshold_for(in_scope: Sequence[Answer], most_refused: float) -> float:
    """The highest threshold, without a lead, that refuses at most this share although it was right."""
    right = sorted(answer.confidence for answer in in_scope if answer.is_right)
    allowed = int(most_refused * len(in_scope))
    return right[allowed] if allowed < len(right) else 1.0


def _share(name: str, claims: Sequence[bool]) -> dict[str, float]:
    return {name: float(np.mean(claims))} if claims else {}


def with_interval(name: str, claims: Sequence[bool]) -> dict[str, float]:
    """The share of the claims that hold, with its 95 % interval and of how many; nothing of no claims."""
    if not claims:
        return {}
    low, high = bootstrap_interval(claims)
    return {**_share(name, claims), f"{name}_low": low, f"{name}_high": high, f"{name}_of": len(claims)}
