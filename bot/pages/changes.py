"""The history of a plan in plain words: what changed together, a sentence for each thing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from flows.commitments import Change
from flows.wording import N_, Lang, text


@dataclass(frozen=True, slots=True)
class Line:
    """What changed at one moment. `means`: by what, as a msgid."""

    at: datetime
    means: str
    said: list[str]


def told(changes: Iterable[Change], lang: Lang) -> list[Line]:
    """`changes` come newest first, and so do the lines."""
    grouped = groupby(changes, key=lambda change: (change.at, change.means))
    return [
        Line(at, means.wording, [_said(change, lang) for change in reversed(list(group))])
        for (at, means), group in grouped
    ]


def _said(c: Change, lang: Lang) -> str:
    if c.field in WHOLE:
        entered, gone = WHOLE[c.field]
        title = c.about.of(lang) if c.about else ""
        words = {"number": str(c.milestone), "title": title, "date": c.after_in(lang)}
        return text(lang, entered if c.before is None else gone, **words)
    words = {"field": c.name(lang), "before": c.before_in(lang), "after": c.after_in(lang)}
    if c.milestone is None or c.about is None:
        return text(lang, _of(c, *FIELD), **words)
    return text(lang, _of(c, *FIELD_OF_MILESTONE), number=c.milestone, title=c.about.of(lang), **words)


def _of(c: Change, new: str, gone: str, other: str) -> str:
    return new if c.before is None else gone if c.after is None else other


WHOLE = {
    "plan": (N_("The action plan was entered here."), N_("The action plan was taken out.")),
    "commitment": (N_("The commitment was entered here."), N_("The commitment was taken out.")),
    "milestone": (
        N_("Milestone {number} was entered, due {date}: {title}"),
        N_("Milestone {number} was taken out: {title}"),
    ),
}
FIELD = (
    N_("{field}: {after} (new)"),
    N_("{field}: {before} (taken out)"),
    N_("{field}: {after} (before: {before})"),
)
FIELD_OF_MILESTONE = (
    N_("Milestone {number} “{title}”, {field}: {after} (new)"),
    N_("Milestone {number} “{title}”, {field}: {before} (taken out)"),
    N_("Milestone {number} “{title}”, {field}: {after} (before: {before})"),
)
