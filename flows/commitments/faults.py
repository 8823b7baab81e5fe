"""What is wrong with a document, and where in it, said in the reader's language."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pydantic_core import ErrorDetails

from flows.errors import FlowError, Invalid
from flows.wording import N_, Lang, text

FAULTS_SHOWN = 50

type Path = tuple[str | int, ...]
type Where = Callable[[Path, Lang], str]


class Wrong(Invalid):
    """One thing that is wrong, in a sentence of its own."""

    def __init__(self, message: str, **params: object) -> None:
        super().__init__(**params)
        self.message = message


@dataclass(frozen=True, slots=True)
class Fault:
    path: Path
    error: FlowError


def by_path(path: Path, _lang: Lang) -> str:
    """The place in a tree as programs write it: `commitments.0.period.end`."""
    return ".".join(map(str, path))


class BadDocument(Invalid):
    """Nothing of a document was written; `faults` has all that is wrong with it, `where` says the places in words."""

    message = N_("The plan was not changed, because this file cannot be taken as it is:")

    def __init__(self, faults: Sequence[Fault], where: Where = by_path) -> None:
        super().__init__()
        self.faults, self.where = faults, where

    def sentences(self, lang: Lang) -> list[str]:
        shown = self.faults[:FAULTS_SHOWN]
        said = [_sentence(self.where(fault.path, lang), fault.error.said(lang)) for fault in shown]
        if len(shown) < len(self.faults):
            said.append(text(lang, N_("… and {count} more."), count=len(self.faults) - len(shown)))
        return said

    def said(self, lang: Lang) -> str:
        return "\n".join([super().said(lang), *self.sentences(lang)])


SENTENCES = {
    "missing": N_("This is missing."),
    "empty": N_("This has to be written in both languages."),
    "string_too_short": N_("This is missing."),
    "too_short": N_("At least one is needed here."),
    "too_long": N_("Please write at most {most} characters."),
    "string_too_long": N_("Please write at most {most} characters."),
    "extra_forbidden": N_("This field is not known here."),
    "enum": N_("Please write one of these: {expected}."),
    "date": N_("Please give a date, such as 2026-11-24."),
    "partial": N_("Please write a year, a month or a day, such as 2021, 2021-08 or 2021-08-30."),
    "address": N_("Please give an address that begins with https:// or http://."),
    "string_pattern_mismatch": N_("Please use capital letters, digits and _ only, at most 32."),
    "bool": N_("Please write true or false."),
    "int": N_("Please write a whole number from 1 on."),
    "greater": N_("Please write a whole number from 1 on."),
    "less": N_("Please write a whole number from 1 on."),
    "decimal": N_("Please write a number in digits, with a point before decimals."),
}


def faults_of(errors: Iterable[ErrorDetails]) -> list[Fault]:
    """What pydantic says of a document, in sentences of ours."""
    return [Fault(error["loc"], _wrong(error)) for error in errors]


def _wrong(error: ErrorDetails) -> Wrong:
    kind, context = error["type"], error.get("ctx", {})
    sentence = SENTENCES.get(kind) or SENTENCES.get(kind.split("_")[0]) or Invalid.message
    most = context.get("most", context.get("max_length"))
    expected = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ")
    return Wrong(sentence, most=most, expected=expected)


def _sentence(place: str, said: str) -> str:
    return f"{place}: {said}" if place else said
