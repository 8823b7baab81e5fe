"""The curve behind the two thresholds of config.yml: cross-validation on the training data, as calibrate.py does it.

    python report_curve.py FOLDER

Writes threshold_curve.csv, threshold_curve.png and threshold_choice.json: what the chosen pair does, and the pair
that calibrate.py's rule takes on the data as they are. Started by report.py.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

import calibrate
import numpy as np
import yaml
from calibrate import Outcome
from matplotlib.figure import Figure

_STEPS = np.round(np.arange(0, 0.801, 0.01), 2)


def main(folder: str) -> None:
    chosen, lead = thresholds(Path(__file__).parent / "config.yml")
    guesses = calibrate.cross_validate()
    curve = [calibrate.judge(guesses, float(step), lead) for step in _STEPS]
    _write_table(curve, Path(folder, "threshold_curve.csv"))
    _draw(curve, chosen, Path(folder, "threshold_curve.png"))

    choice = {
        "chosen": calibrate.judge(guesses, chosen, lead),
        "by_rule": calibrate.by_rule(calibrate.outcomes_of(guesses)),
        "without": calibrate.judge(guesses, 0.0, 0.0),
    }
    found = {name: {key: float(value) for key, value in asdict(outcome).items()} for name, outcome in choice.items()}
    found["sentences"] = len(guesses.right)
    Path(folder, "threshold_choice.json").write_text(json.dumps(found))


def thresholds(config: Path) -> tuple[float, float]:
    """Of the FallbackClassifier: the least confidence, and the least lead over the second guess."""
    pipeline = yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]
    (fallback,) = [part for part in pipeline if part["name"] == "FallbackClassifier"]
    return fallback["threshold"], fallback["ambiguity_threshold"]


def _write_table(curve: Sequence[Outcome], file: Path) -> None:
    with file.open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(field.name for field in fields(Outcome))
        table.writerows([f"{value:.4f}" for value in asdict(outcome).values()] for outcome in curve)


def _draw(curve: Sequence[Outcome], chosen: float, file: Path) -> None:
    figure = Figure(figsize=(8, 5))
    axes = figure.subplots()
    steps = [outcome.threshold for outcome in curve]
    shown = {"caught": "out of scope: caught", "refused": "right, but refused", "mistaken": "wrong and acted upon"}
    at = min(curve, key=lambda outcome: abs(outcome.threshold - chosen))
    for (name, label), colour in zip(shown.items(), ("#1b6e53", "#b36b00", "#a3172f")):
        axes.plot(steps, [100 * getattr(outcome, name) for outcome in curve], label=label, color=colour)
        axes.plot(at.threshold, 100 * getattr(at, name), "o", color=colour)
        axes.annotate(
            f"{getattr(at, name):.1%}",
            (at.threshold, 100 * getattr(at, name)),
            (6, 5),
            color=colour,
            textcoords="offset points",
        )
    axes.axvline(chosen, color="#444444", linewidth=1, label=f"chosen: {chosen}, lead {at.ambiguity}")
    axes.axhline(100 * calibrate.MOST_REFUSED, color="#b36b00", linewidth=0.8, linestyle=":", label="most refused")
    axes.set(xlabel="threshold", ylabel="% of the sentences", ylim=(0, 101), xlim=(0, steps[-1]))
    axes.set_title(f"Cross-validation on the training sentences, {calibrate.FOLDS} parts")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncol=3, frameon=False)
    axes.grid(alpha=0.3)
    figure.savefig(file, dpi=110, bbox_inches="tight")


if __name__ == "__main__":
    main(*sys.argv[1:])
