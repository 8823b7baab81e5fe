"""The report's figures, on answers whose figures can be told by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.training_data.message import Message
from report_measures import (
    Answer,
    Thresholds,
    bootstrap_interval,
    calibration_error,
    confusion_pairs,
    figures,
    language_of,
    threshold_for,
)
from report_sentences import held_out, kinds_of

NLU = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("공약이 뭐예요?", "ko"),
        ("2045년까지 ㄱㄱ", "ko"),
        ("What is it?", "en"),
        ("OGP가 뭐예요", "mixed"),
        ("net zero 목표", "mixed"),
        ("123 😀", "none"),
        ("", "none"),
    ],
)
def test_the_language_is_that_of_the_script(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [(0, 10, 0.0, 0.0), (10, 10, 1.0, 1.0), (50, 100, 0.40, 0.60), (90, 100, 0.84, 0.95), (950, 1000, 0.936, 0.963)],
)
def test_the_interval_is_about_the_normal_one(right: int, of: int, low: float, high: float) -> None:
    values = [True] * right + [False] * (of - right)
    assert bootstrap_interval(values) == pytest.approx((low, high), abs=0.012)
    assert bootstrap_interval(values) == bootstrap_interval(values)


@pytest.mark.parametrize(
    ("confidences", "right", "error"),
    [
        ([1.0, 1.0], [True, True], 0.0),
        ([1.0, 1.0], [False, False], 1.0),
        ([0.75] * 4, [True, True, True, False], 0.0),
        ([0.95, 0.05], [False, True], 0.95),  # opposite errors of two bins do not cancel
        ([0.52, 0.58], [True, False], 0.05),  # of one bin they do
    ],
)
def test_calibration_error(confidences: list[float], right: list[bool], error: float) -> None:
    assert calibration_error(confidences, right) == pytest.approx(error)


def test_confusion_pairs_are_the_most_frequent_with_their_first_sentence() -> None:
    answers = [
        answer("a", "b", text="first"),
        answer("a", "b", text="second"),
        answer("b", "a", text="other"),
        answer("a", "a", text="right"),
    ]
    assert confusion_pairs(answers) == [("a", "b", 2, "first"), ("b", "a", 1, "other")]
    assert confusion_pairs(answers, most=1) == [("a", "b", 2, "first")]


def test_shares_are_of_the_sentences_they_speak_of() -> None:
    found = figures(
        [
            answer("a", "a", 0.9, text="가"),
            answer("a", "a", 0.3, text="가나"),  # right, but refused
            answer("a", "b", 0.8, text="b"),  # mistaken
            answer("a", "b", 0.2, text="c"),  # wrong, but unsure
            answer("out_of_scope", "a", 0.9, kind="near"),
            answer("out_of_scope", "a", 0.2, kind="far"),
            answer("out_of_scope", "out_of_scope", 0.9, kind="far"),
        ],
        Thresholds(0.5, 0.0),
    )
    expected = {"right_all": 0.5, "right_ko": 1.0, "right_en": 0.0, "refused_all": 0.25, "mistaken_all": 0.25}
    expected |= {"first_three_en": 1.0, "caught_all": 2 / 3, "caught_near": 0.0, "caught_far": 1.0}
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["right_ko_of"] == 2
    assert "right_mixed" not in found
    assert "caught_noise" not in found


@pytest.mark.parametrize(("most_refused", "threshold"), [(0.0, 0.1), (0.24, 0.1), (0.25, 0.2), (0.5, 0.3), (1.0, 1.0)])
def test_the_threshold_refuses_no_more_than_allowed(most_refused: float, threshold: float) -> None:
    in_scope = [answer("a", "a", confidence) for confidence in (0.3, 0.1, 0.4, 0.2)]
    assert threshold_for(in_scope, most_refused) == threshold


@pytest.mark.parametrize(
    ("confidence", "second", "is_sure"), [(0.5, 0.0, True), (0.49, 0.0, False), (0.55, 0.5, False), (0.75, 0.5, True)]
)
def test_sure_is_what_rasas_fallback_classifier_lets_pass(confidence: float, second: float, is_sure: bool) -> None:
    ranking = (("a", confidence), ("b", second))
    guesses = [{"name": name, "confidence": value} for name, value in ranking]
    message = Message({"intent": guesses[0], "intent_ranking": guesses})
    FallbackClassifier({"threshold": 0.5, "ambiguity_threshold": 0.1}).process([message])
    assert (message.get("intent")["name"] == "a") is is_sure
    assert Answer("", "a", "", "", ranking).is_sure(Thresholds(0.5, 0.1)) is is_sure


def test_kinds_come_from_a_comment_above_a_block_or_its_metadata() -> None:
    written = """
version: "3.1"
nlu:
  # near: other departments
  - intent: out_of_scope
    examples: |
      - 여권 재발급
      - far away
  - intent: out_of_scope
    metadata:
      kind: noise
    examples: |
      - ㅁㄴㅇㄹ
  - intent: out_of_scope
    examples: |
      - tell me a joke
"""
    assert kinds_of(written) == {"여권 재발급": "near", "far away": "near", "ㅁㄴㅇㄹ": "noise"}


def test_only_files_of_examples_are_read_and_their_name_may_say_the_kind(tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text("stories: []\n")
    (tmp_path / "out_of_scope_far.yml").write_text(
        'version: "3.1"\nnlu:\n  - intent: out_of_scope\n    examples: |\n      - a joke\n      - a joke\n'
    )
    (found,) = held_out(tmp_path)
    assert (found.text, found.intent, found.kind, found.file) == ("a joke", "out_of_scope", "far", "out_of_scope_far")


def test_the_pipeline_without_the_encoder_is_otherwise_the_shipped_one() -> None:
    shipped, other = (
        yaml.safe_load((NLU / name).read_text()) for name in ("config.yml", "alternatives/without_encoder.yml")
    )
    assert other["pipeline"][0] == shipped["pipeline"][0] | {"dense": False}
    assert other["pipeline"][1] == shipped["pipeline"][1]


def answer(meant: str, guess: str, confidence: float = 0.9, *, text: str = "x", kind: str = "") -> Answer:
    """The second guess is what was meant, or anything."""
    second = meant if meant != guess else "anything"
    return Answer(text, meant, kind, "test", ((guess, confidence), (second, 0.0)))
