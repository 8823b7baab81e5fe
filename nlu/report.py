"""What the model is worth, beside other pipelines on the same sentences.

    python report.py --out FOLDER [--only shipped,char_only,diet]

Trains each pipeline on data/, asks it the held-out sentences (every file of examples in tests/) and serves it. FOLDER
then has report.md with the tables, confusion_<pipeline>.png, answers_<pipeline>.csv and, for the shipped pipeline,
threshold_curve.png and .csv. Prints the tables, and as its last line all figures as JSON, in shares of 1.
Models stay in FOLDER and are trained again when their inputs change. On two cores DIET alone takes an hour, the
rest twenty minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import report_write as write
from rasa.shared.utils.io import read_yaml_file
from report_curve import thresholds as thresholds_of
from report_damage import damaged
from report_measures import OUT_OF_SCOPE, Answer, Thresholds, figures, language_of
from report_run import HERE, ask_over_http, parse, resident_mb, run, served, trained
from report_sentences import Sentence, held_out

PIPELINES = {
    "shipped": HERE / "config.yml",
    "char_only": HERE / "alternatives" / "without_encoder.yml",
    "diet": HERE / "alternatives" / "diet.yml",
}


def main() -> None:
    arguments = _arguments()
    out: Path = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    intents = list(read_yaml_file(HERE / "domain.yml")["intents"])
    everything = held_out(HERE / "tests")
    sentences = [sentence for sentence in everything if sentence.intent in intents]
    asked = [*sentences, *damaged(sentences)]
    unknown = sorted({sentence.intent for sentence in everything} - set(intents))
    thresholds = Thresholds(*thresholds_of(HERE / "config.yml"))

    found: dict[str, dict[str, float]] = {}
    confusions: list[str] = []
    for name in arguments.only:
        answers, costs = _examine(name, asked, out)
        found[name] = figures(answers, thresholds) | costs
        answers = [answer for answer in answers if not answer.damage]
        confusions.append(write.confusions(answers, name))
        write.write_answers(answers, thresholds, out / f"answers_{name}.csv")
        write.draw_confusion(answers, intents, f"{name}: {len(answers)} sentences", out / f"confusion_{name}.png")

    parts = ["# What the model is worth", _sources(sentences), write.tables(found, thresholds)]
    if unknown:
        parts.append(f"Left out, since domain.yml does not have their intents: {', '.join(unknown)}.")
    if len(files := sorted({sentence.file for sentence in sentences})) > 1:
        parts.append(write.by_file(found, files))
    if "shipped" in arguments.only:
        parts += ["## Thresholds", write.threshold_choice(_curve(out))]
    report = "\n\n".join([*parts, "## Confused most", *confusions]) + "\n"
    (out / "report.md").write_text(report, encoding="utf-8")
    print(report)
    print(json.dumps(found))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--only", default=",".join(PIPELINES), metavar="NAMES", help="pipelines, by comma")
    arguments = parser.parse_args()
    arguments.only = arguments.only.split(",")
    if unknown := set(arguments.only) - set(PIPELINES):
        parser.error(f"no such pipeline: {', '.join(sorted(unknown))}; there are {', '.join(PIPELINES)}")
    return arguments


def _examine(name: str, sentences: list[Sentence], out: Path) -> tuple[list[Answer], dict[str, float]]:
    """One pipeline's answers, and what it costs."""
    model, texts = out / f"{name}.tar.gz", [sentence.text for sentence in sentences]
    _say(f"{name}: training")
    costs: dict[str, float] = {"train_s": trained(PIPELINES[name], model), "model_mb": model.stat().st_size / 1e6}
    _say(f"{name}: {len(texts)} sentences in process")
    parsed = parse(model, texts)
    _say(f"{name}: the same over HTTP")
    with served(model) as (port, pid, start_s):
        http_ms = ask_over_http(port, texts)
        memory = {"rss_mb": parsed["rss_mb"], "served_rss_mb": resident_mb(pid)}
    costs |= {key: value for key, value in memory.items() if value is not None}
    costs |= _percentiles("parse_ms", parsed["took_ms"]) | _percentiles("http_ms", http_ms)
    costs |= {"start_s": start_s, "load": os.getloadavg()[0]}
    answers = [
        Answer(s.text, s.intent, s.kind, s.file, tuple(map(tuple, ranking)), s.damage, s.undamaged)
        for s, ranking in zip(sentences, parsed["rankings"])
    ]
    return answers, costs


def _curve(out: Path) -> dict:
    _say("shipped: cross-validation for the thresholds")
    run([sys.executable, HERE / "report_curve.py", out])
    return json.loads((out / "threshold_choice.json").read_text())


def _sources(sentences: list[Sentence]) -> str:
    """Which sentences, and how the words of the tables are meant."""
    ours = Counter(language_of(sentence.text) for sentence in sentences if sentence.intent != OUT_OF_SCOPE)
    foreign = Counter(sentence.kind or "of no stated kind" for sentence in sentences if sentence.intent == OUT_OF_SCOPE)
    files = ", ".join(f"`tests/{file}.yml`" for file in sorted({sentence.file for sentence in sentences}))
    return (
        f"{len(sentences)} held-out sentences from {files}: in scope {_counts(ours)}; out of scope {_counts(foreign)}. "
        f"{os.cpu_count()} cores. *Right*: the first guess, however sure. *Refused*: right, but below the thresholds; "
        "it still offers the three likeliest. *Mistaken*: wrong and acted upon. Out-of-scope text is *caught* by its "
        "own intent or by being unsure. *Mixed* has both scripts. ECE in ten bins."
    )


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common())


def _percentiles(name: str, took_ms: list[float]) -> dict[str, float]:
    p50, p95 = np.percentile(took_ms, [50, 95])
    return {f"{name}_p50": float(p50), f"{name}_p95": float(p95)}


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
