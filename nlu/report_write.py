"""The report's tables and pictures."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from report_measures import EQUAL_REFUSAL, KINDS, LANGUAGES, Answer, Thresholds, confusion_pairs, language_of

Figures = Mapping[str, float]
_COLUMNS = ("right", "sure", "meant", "guessed", "confidence", "second", "third", "language", "kind", "file", "text")


def tables(found: Mapping[str, Figures], thresholds: Thresholds) -> str:
    """The pipelines side by side, in Markdown."""
    return "\n\n".join(
        [_accuracy(found), _damages(found), _refusals(found, thresholds), _confidence(found), _costs(found)]
    )


def _accuracy(found: Mapping[str, Figures]) -> str:
    header = ["pipeline", "right", *LANGUAGES, "first three", *(f"{lang} of them" for lang in LANGUAGES[:2])]
    header += ["macro F1", *(f"{lang} F1" for lang in LANGUAGES[:2])]
    rows = [
        [name, *(_interval(one, f"right_{group}") for group in ("all", *LANGUAGES))]
        + [_percent(one, f"first_three_{group}") for group in ("all", *LANGUAGES[:2])]
        + [_percent(one, key) for key in ("macro_f1", "macro_f1_ko", "macro_f1_en")]
        for name, one in found.items()
    ]
    return "**Understood**, in % of the in-scope sentences, with 95 % intervals\n\n" + table(header, rows)


def _damages(found: Mapping[str, Figures]) -> str:
    kinds = {"typo_ko": "ko, one slip", "no_blanks_ko": "ko, no blanks", "typo_en": "en, one slip"}
    header = ["pipeline", *(column for title in kinds.values() for column in (title, "points lost"))]
    rows = [
        [name, *(cell for kind in kinds for cell in (_interval(one, f"right_{kind}"), _percent(one, f"lost_{kind}")))]
        for name, one in found.items()
    ]
    return (
        "**Damaged**, right in %, and points lost against the same sentences undamaged: one slip of a finger in those "
        "of eight letters or more; no blanks in the Korean ones\n\n" + table(header, rows)
    )


def _refusals(found: Mapping[str, Figures], thresholds: Thresholds) -> str:
    header = ["pipeline", "refused", *LANGUAGES, "mistaken", *LANGUAGES, "out of scope caught", *KINDS]
    rows = [
        [name, *(_percent(one, f"{what}_{group}") for what in ("refused", "mistaken") for group in ("all", *LANGUAGES))]
        + [_interval(one, f"caught_{group}") for group in ("all", *KINDS)]
        for name, one in found.items()
    ]
    return (
        f"**At the shipped thresholds** ({thresholds.confidence}, lead {thresholds.lead}), in %; they were chosen for "
        "the first pipeline's confidence and are not fair to another's\n\n" + table(header, rows)
    )


def _confidence(found: Mapping[str, Figures]) -> str:
    header = ["pipeline", "out of scope caught", "mistaken", "AUROC", "ECE", "mean confidence", "right, all sentences"]
    keys = ("caught_at_equal_refusal", "mistaken_at_equal_refusal", "auroc", "ece", "mean_confidence")
    rows = [[name, *(_percent(one, key) for key in (*keys, "right_with_out_of_scope"))] for name, one in found.items()]
    return (
        f"**Confidence**: each at a threshold of its own that refuses {EQUAL_REFUSAL:.0%} (set on these very "
        "sentences, to compare), in %\n\n" + table(header, rows)
    )


def _costs(found: Mapping[str, Figures]) -> str:
    costs = {
        "training s": "train_s",
        "model MB": "model_mb",
        "RSS MB": "rss_mb",
        "RSS MB, served": "served_rss_mb",
        "parse ms p50": "parse_ms_p50",
        "p95": "parse_ms_p95",
        "HTTP ms p50": "http_ms_p50",
        "HTTP p95": "http_ms_p95",
        "start s": "start_s",
        "load": "load",
    }
    rows = [[name, *(_number(one.get(key)) for key in costs.values())] for name, one in found.items()]
    return (
        "**Cost**: `Agent.parse_message` in a process of its own, then `POST /model/parse` of `rasa run`, one sentence "
        "at a time, one thread; `load` is the machine's while it was measured\n\n" + table(["pipeline", *costs], rows)
    )


def by_file(found: Mapping[str, Figures], files: Iterable[str]) -> str:
    rows = [[file, *(_interval(one, f"right_{file}") for one in found.values())] for file in files]
    return "**By file**, right in % of its in-scope sentences\n\n" + table(["file", *found], rows)


def threshold_choice(choice: Mapping[str, Any]) -> str:
    """What report_curve.py found."""
    kinds = {"without": "none", "by_rule": "calibrate.py's rule, today", "chosen": "**shipped**"}
    header = ["thresholds", "confidence", "lead", "found", "refused", "mistaken", "out of scope caught"]
    rows = [
        [title, str(choice[key]["threshold"]), str(choice[key]["ambiguity"])]
        + [_percent(choice[key], name) for name in ("found", "refused", "mistaken", "caught")]
        for key, title in kinds.items()
    ]
    return (
        f"Cross-validation on the {choice['sentences']:.0f} training sentences: each is guessed by a model that has "
        "not seen it. The held-out sentences have no say. `calibrate.py` says what the rule is.\n\n"
        + table(header, rows)
        + "\n\n![Refused, mistaken and caught by threshold](threshold_curve.png)\n\nAs figures: `threshold_curve.csv`."
    )


def confusions(answers: Sequence[Answer], name: str) -> str:
    rows = [[meant, guess, str(count), text] for meant, guess, count, text in confusion_pairs(answers)]
    return f"### {name}\n\n{table(['meant', 'guessed', 'times', 'such as'], rows)}\n\n![](confusion_{name}.png)"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )


def write_answers(answers: Sequence[Answer], thresholds: Thresholds, file: Path) -> None:
    """Every sentence with its three likeliest intents, for looking through what went wrong."""
    with file.open("w", newline="", encoding="utf-8") as out:
        sheet = csv.writer(out)
        sheet.writerow(_COLUMNS)
        for a in answers:
            second, third = ([name for name, _ in a.ranking[1:3]] + ["", ""])[:2]
            verdict = [int(a.is_right), int(a.is_sure(thresholds)), a.meant, a.guess, f"{a.confidence:.3f}"]
            sheet.writerow([*verdict, second, third, language_of(a.text), a.kind, a.file, a.text])


def draw_confusion(answers: Sequence[Answer], intents: Sequence[str], title: str, file: Path) -> None:
    """Rows are what was meant, columns what was guessed, in the order of `intents`; a row's colours sum to 1."""
    intents = [*intents, *sorted({answer.guess for answer in answers} - set(intents))]  # in data/, not in domain.yml
    place = {intent: at for at, intent in enumerate(intents)}
    counts = np.zeros((len(intents), len(intents)))
    for answer in answers:
        counts[place[answer.meant], place[answer.guess]] += 1
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)

    figure = Figure(figsize=(15, 14))  # without pyplot: no window system is asked for
    axes = figure.subplots()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in zip(*np.nonzero(counts)):
        colour = "white" if shares[row, column] > 0.5 else "#a3172f" if row != column else "black"
        axes.text(column, row, f"{counts[row, column]:.0f}", ha="center", va="center", fontsize=6, color=colour)
    axes.set_xticks(range(len(intents)), intents, rotation=90, fontsize=7)
    axes.set_yticks(range(len(intents)), intents, fontsize=7)
    axes.set(xlabel="guessed", ylabel="meant", title=title)
    axes.set_xticks(np.arange(len(intents)) - 0.5, minor=True)
    axes.set_yticks(np.arange(len(intents)) - 0.5, minor=True)
    axes.grid(which="minor", color="#e4e4e4", linewidth=0.4)
    axes.tick_params(which="minor", length=0)
    figure.savefig(file, dpi=110, bbox_inches="tight")


def _percent(figures: Figures, name: str) -> str:
    return f"{100 * figures[name]:.1f}" if name in figures else "–"


def _interval(figures: Figures, name: str) -> str:
    if name not in figures:
        return "–"
    low, high = 100 * figures[f"{name}_low"], 100 * figures[f"{name}_high"]
    return f"{100 * figures[name]:.1f} ({low:.1f}–{high:.1f}) of {figures[f'{name}_of']}"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"
