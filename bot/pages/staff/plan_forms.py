"""The forms of a plan as they were sent: a milestone, its evidence, the level of OGP's assessment."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from fastapi import Depends, Form
from pydantic import ValidationError

from bot.pages.lookup import read_id
from bot.pages.staff.gate import Field, typed
from flows.city import Both
from flows.commitments import (
    TITLE_MOST_CHARS,
    BadDay,
    EvidenceKind,
    ForEach,
    MilestoneState,
    OgpLevel,
    PlannedEvidence,
    PlannedLevel,
    PlannedSource,
    check_day,
    check_title,
    faults_of,
)
from flows.errors import FlowError, Invalid
from flows.wording import N_, Lang


class LevelSourceMissing(Invalid):
    message = N_("Please say which report says so: its title, its address, and its date such as 2022-12.")


class ChangeMissing(Invalid):
    field = "to"
    message = N_("Please choose what to do with the milestones that you ticked.")


class EvidenceTitleMissing(Invalid):
    message = N_("Please write in both languages what it shows, in at most {most} characters.")


class EvidenceMissing(Invalid):
    message = N_("Please give one of these: an address, a file, or a number with its unit in both languages.")


@dataclass(frozen=True, slots=True)
class MilestoneForm:
    """A milestone as it was sent; nothing of it is checked yet."""

    ko: str = ""
    en: str = ""
    due: str = ""

    def errors(self, lang: Lang) -> dict[str, str]:
        """The sentence for each field that is not as it should be, in the order of the fields."""
        found: dict[str, FlowError] = {}
        for name, title in (("ko", self.ko), ("en", self.en)):
            try:
                check_title(title)
            except Invalid as bad:
                found[name] = bad
        try:
            read_day(self.due)
        except BadDay as bad:
            found["due"] = bad
        return {name: error.said(lang) for name, error in found.items()}

    @property
    def title(self) -> Both:
        return Both(ko=self.ko, en=self.en)


def milestone_form(ko: Field = "", en: Field = "", due: Field = "") -> MilestoneForm:
    return MilestoneForm(" ".join(typed(ko).split()), " ".join(typed(en).split()), due.strip())


def read_day(written: str) -> date:
    """The day that a date field holds. Raises BadDay."""
    try:
        read = date.fromisoformat(written)
    except ValueError:
        raise BadDay from None
    check_day(read)
    return read


@dataclass(frozen=True, slots=True)
class LevelForm:
    """What OGP's assessment says, as it was sent."""

    level: str = ""
    title: str = ""
    url: str = ""
    as_of: str = ""

    def read(self) -> PlannedLevel | None:
        """None where no level is chosen. Raises LevelSourceMissing."""
        if self.level not in set(OgpLevel):
            return None
        try:
            source = PlannedSource(title=self.title, url=self.url or None, as_of=self.as_of)
        except ValidationError:
            raise LevelSourceMissing from None
        return PlannedLevel(level=OgpLevel(self.level), source=source)


def level_form(level: Field = "", title: Field = "", url: Field = "", as_of: Field = "") -> LevelForm:
    return LevelForm(level, typed(title), url.strip(), as_of.strip())


@dataclass(frozen=True, slots=True)
class EvidenceForm:
    """Evidence as it was sent; nothing of it is checked yet."""

    shows_ko: str = ""
    shows_en: str = ""
    dated: str = ""
    url: str = ""
    value: str = ""
    unit_ko: str = ""
    unit_en: str = ""

    def read(self, has_file: bool) -> PlannedEvidence:
        """Raises BadDay, EvidenceTitleMissing, EvidenceMissing, and what is wrong with an address or a number."""
        if not self.shows_ko or not self.shows_en or max(len(self.shows_ko), len(self.shows_en)) > TITLE_MOST_CHARS:
            raise EvidenceTitleMissing(most=TITLE_MOST_CHARS)
        on = read_day(self.dated)
        figure = self.value or self.unit_ko or self.unit_en
        if sum(map(bool, (has_file, self.url, figure))) != 1:
            raise EvidenceMissing
        kind = EvidenceKind.FILE if has_file else EvidenceKind.LINK if self.url else EvidenceKind.FIGURE
        try:
            return PlannedEvidence(
                kind=kind,
                date=on,
                title=Both(ko=self.shows_ko, en=self.shows_en),
                url=self.url or None,
                value=self.value.replace(",", "") or None,
                unit=Both(ko=self.unit_ko, en=self.unit_en) if figure else None,
            )
        except ValidationError as bad:
            raise faults_of(bad.errors())[0].error from None


def evidence_form(
    *,
    shows_ko: Field = "",
    shows_en: Field = "",
    dated: Field = "",
    url: Field = "",
    value: Field = "",
    unit_ko: Field = "",
    unit_en: Field = "",
) -> EvidenceForm:
    written = (shows_ko, shows_en, dated, url, value, unit_ko, unit_en)
    return EvidenceForm(*(" ".join(typed(one).split()) for one in written))


@dataclass(frozen=True, slots=True)
class ManyForm:
    """One change to the milestones of these numbers. `to`: a state, or `dates`."""

    chosen: frozenset[int] = frozenset()
    to: str = ""
    days: str = ""
    evidence: EvidenceForm = field(default_factory=EvidenceForm)
    sealed: str = ""

    def read(self) -> ForEach:
        """Raises ChangeMissing, and what EvidenceForm.read does."""
        if self.to == "dates":
            number = read_id(self.days.removeprefix("-")) or 0
            return ForEach(days=-number if self.days.startswith("-") else number)
        if self.to not in set(MilestoneState):
            raise ChangeMissing
        shown = self.evidence
        is_shown = shown.shows_ko or shown.shows_en or shown.url
        return ForEach(MilestoneState(self.to), shown.read(has_file=False) if is_shown else None)


def many_form(
    *,
    chosen: Annotated[list[str] | None, Form()] = None,
    to: Field = "",
    days: Field = "",
    evidence: Annotated[EvidenceForm, Depends(evidence_form)],
    sealed: Field = "",
) -> ManyForm:
    numbers = frozenset(number for one in chosen or () if (number := read_id(one)))
    return ManyForm(numbers, to, days.strip(), evidence, sealed)
