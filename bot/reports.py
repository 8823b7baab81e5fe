"""What a model is worth: its scores on the held-out sentences, beside those of the model that was in use.

DATA_DIR/models/<name>.json     the report of a model that was evaluated, for staff to read before they put it to use
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from bot import models
from flows.answering import OUT_OF_SCOPE
from flows.errors import Refused
from flows.understanding import FALLBACK
from flows.wording import LANGS, N_, Lang

CHANGES_MOST = 50
MARGIN_POINTS = 1.0

type Share = float | None  # of 1; None where there was no such sentence
type Taught = dict[Lang, dict[str, int]]  # how many examples of each intent


class ScoreFell(Refused):
    """The new model is worse in a language by more than the margin."""

    message = N_(
        "The new model was not put to use: in “{lang}” it is right on {new} of 100 held-out sentences, the one in use "
        "on {old}. It is kept with its report. Take back examples in the console, allow more with --margin, or put it "
        "to use with `damso nlu activate`."
    )


@dataclass(frozen=True, slots=True)
class Sentence:
    """A held-out sentence; no model was trained with it."""

    text: str
    meant: str
    lang: Lang


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model made of a sentence: its three likeliest intents, and whether the bot would act on the first."""

    guesses: tuple[str, ...]
    is_sure: bool

    @property
    def said(self) -> str:
        return self.guesses[0] if self.is_sure else FALLBACK

    def fits(self, meant: str) -> bool:
        """Whether the bot would do the right thing; text that is out of scope may also be left unsure."""
        return self.said == meant or (meant == OUT_OF_SCOPE and not self.is_sure)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What models, by their paths, made of the sentences, in the order of the sentences."""

    sentences: tuple[Sentence, ...]
    answers: dict[str, tuple[Answer, ...]]


@dataclass(frozen=True, slots=True)
class Scores:
    """Of one language. `right` decides, and is of all its sentences; `refused` of those that are out of scope, and
    the others of those that are not."""

    sentences: int
    right: Share
    right_first: Share
    right_in_three: Share
    wrong_but_sure: Share
    refused: Share


@dataclass(frozen=True, slots=True)
class Change:
    """A sentence with which one of two models deals rightly and the other does not."""

    text: str
    lang: Lang
    meant: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Changes:
    """How many there are, and the first of them."""

    count: int
    first: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """With the model of this name, which was in use at the time, on the same sentences."""

    name: str
    scores: dict[Lang, Scores]
    newly_wrong: Changes
    newly_right: Changes


@dataclass(frozen=True, slots=True)
class Report:
    """Of one model. `inputs` is the hash of what it was trained from beside what staff `taught` it."""

    name: str
    inputs: str
    trained_at: datetime
    evaluated_at: datetime
    taught: Taught
    scores: dict[Lang, Scores]
    compared: Comparison | None = None

    @property
    def is_worse(self) -> bool:
        """Whether it is worse than the model that it was compared with, by more than the usual margin."""
        return self.compared is not None and fallen(self.compared.scores, self.scores) is not None


REPORT = TypeAdapter(Report)


def measure(sentences: Iterable[Sentence], answers: Iterable[Answer]) -> dict[Lang, Scores]:
    """The scores in each language that has a sentence."""
    by_lang: dict[Lang, list[tuple[Sentence, Answer]]] = {lang: [] for lang in LANGS}
    for sentence, answer in zip(sentences, answers, strict=True):
        by_lang[sentence.lang].append((sentence, answer))
    return {lang: _scores(answered) for lang, answered in by_lang.items() if answered}


def _scores(answered: Sequence[tuple[Sentence, Answer]]) -> Scores:
    ours = [(s.meant, a) for s, a in answered if s.meant != OUT_OF_SCOPE]
    foreign = [a.fits(s.meant) for s, a in answered if s.meant == OUT_OF_SCOPE]
    return Scores(
        sentences=len(answered),
        right=_share(a.fits(s.meant) for s, a in answered),
        right_first=_share(meant in a.guesses[:1] for meant, a in ours),
        right_in_three=_share(meant in a.guesses for meant, a in ours),
        wrong_but_sure=_share(a.is_sure and not a.fits(meant) for meant, a in ours),
        refused=_share(foreign),
    )


def compare(name: str, sentences: Sequence[Sentence], before: Sequence[Answer], now: Sequence[Answer]) -> Comparison:
    """What changes with `now` in the place of the model of that name."""
    changed = [
        (was.fits(sentence.meant), Change(sentence.text, sentence.lang, sentence.meant, was.said, is_.said))
        for sentence, was, is_ in zip(sentences, before, now, strict=True)
        if was.fits(sentence.meant) != is_.fits(sentence.meant)
    ]
    lost, won = ([change for was_right, change in changed if was_right is kind] for kind in (True, False))
    return Comparison(name, measure(sentences, before), _changes(lost), _changes(won))


def fallen(
    old: Mapping[Lang, Scores], new: Mapping[Lang, Scores], margin: float = MARGIN_POINTS
) -> tuple[Lang, float, float] | None:
    """A language in which the share of right answers fell by more than `margin` points of a hundred, and from what
    to what."""
    for lang, before in old.items():
        was, is_ = before.right or 0.0, (new[lang].right or 0.0) if lang in new else 0.0
        if round((was - is_) * 100, 6) > margin:
            return lang, was, is_
    return None


def judge(report: Report, margin: float) -> None:
    """Refuse a model that is worse in any language than the one it was compared with. Raises ScoreFell."""
    if report.compared and (fell := fallen(report.compared.scores, report.scores, margin)):
        lang, was, is_ = fell
        raise ScoreFell(lang=lang, old=round(was * 100, 1), new=round(is_ * 100, 1))


def count_taught(examples: Iterable[models.Example]) -> Taught:
    counted = Counter((lang, intent) for lang, intent, _ in examples)
    taught: Taught = {}
    for (lang, intent), count in sorted(counted.items()):
        taught.setdefault(lang, {})[intent] = count
    return taught


def write_report(data_dir: Path, report: Report) -> None:
    models.write(_file(data_dir, report.name), REPORT.dump_json(report, indent=1).decode())


def read_report(data_dir: Path, name: str) -> Report | None:
    """The report of the model of that name; None without one, and for one that another version of us has written."""
    try:
        return REPORT.validate_json(_file(data_dir, name).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _file(data_dir: Path, name: str) -> Path:
    return models.folder(data_dir) / f"{name}.json"


def _changes(found: Sequence[Change]) -> Changes:
    return Changes(len(found), tuple(found[:CHANGES_MOST]))


def _share(claims: Iterable[bool]) -> Share:
    found = list(claims)
    return sum(found) / len(found) if found else None
