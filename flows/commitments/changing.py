"""Every change of a plan, field by field: what differs between two states of it, and the record of it for ever.

Whatever changes a plan does so inside `recorded`: it looks at the whole plan before and after, so that nothing can be
changed without a trace.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from flows.accounts import Staff
from flows.city import Both
from flows.commitments.documents import PlanDocument, Planned, PlannedMilestone, PlannedSource
from flows.commitments.reading import document_of
from flows.commitments.values import MilestoneState, OgpLevel, OgpValue, Status
from flows.commitments.watching import watch
from flows.store.tables.accounts import StaffRow
from flows.store.tables.commitments import PlanChangeRow, PlanRow
from flows.wording import LANGS, N_, Lang, text, written_date

CHANGES_SHOWN = 100


class Means(StrEnum):
    """By what a plan was changed."""

    CONSOLE = "console"
    IMPORT = "import"
    CONTENT = "content"
    COMMAND = "command"

    @property
    def wording(self) -> str:
        return MEANS_WORDING[self]


MEANS_WORDING = {
    Means.CONSOLE: N_("by staff"),
    Means.IMPORT: N_("by staff, from a file"),
    Means.CONTENT: N_("with the service's content"),
    Means.COMMAND: N_("by whoever runs the service"),
}
FIELDS = {
    "plan": N_("Action plan"),
    "commitment": N_("Commitment"),
    "milestone": N_("Milestone, due on"),
    "title.ko": N_("Title in Korean"),
    "title.en": N_("Title in English"),
    "title_ko_official": N_("Korean title is official"),
    "short.ko": N_("Short title in Korean"),
    "short.en": N_("Short title in English"),
    "summary.ko": N_("Summary in Korean"),
    "summary.en": N_("Summary in English"),
    "period.start": N_("Begin of the period"),
    "period.end": N_("End of the period"),
    "city.ko": N_("City in Korean"),
    "city.en": N_("City in English"),
    "lead.ko": N_("Responsible department in Korean"),
    "lead.en": N_("Responsible department in English"),
    "partner": N_("Partner"),
    "value": N_("OGP value"),
    "source": N_("Source"),
    "status": N_("Status, as the city says"),
    "status_as_of": N_("Date of the status"),
    "level": N_("Level, as OGP's assessment says"),
    "level.source": N_("Source of the level"),
    "due": N_("Due on"),
    "state": N_("State"),
    "done": N_("Reached on"),
    "evidence": N_("Evidence"),
}
DATES = ("period.start", "period.end", "status_as_of", "milestone", "due", "done")
IN_BOTH = ("plan", "commitment", "partner", "evidence")
MOVED = {*MilestoneState} - {MilestoneState.NOT_STARTED}
WORDED: dict[str, type[Status | MilestoneState | OgpLevel | OgpValue]] = {
    "status": Status,
    "state": MilestoneState,
    "level": OgpLevel,
    "value": OgpValue,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs. `milestone` is its number, `about` its title; None where the field is not of one.

    No `before`: it is new; no `after`: it is gone.
    """

    commitment: str | None
    milestone: int | None
    about: Both | None
    field: str
    before: str | None
    after: str | None

    def name(self, lang: Lang) -> str:
        """The field in words."""
        return text(lang, FIELDS[self.field])

    def before_in(self, lang: Lang) -> str | None:
        return _said(self.field, self.before, lang)

    def after_in(self, lang: Lang) -> str | None:
        return _said(self.field, self.after, lang)


@dataclass(frozen=True, slots=True)
class Change(Difference):
    """A difference that came to be. `by` is for staff: who it was, None for a command or the content."""

    id: int
    at: datetime
    means: Means
    by: str | None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in a plan a field is. `which` tells entries of a list apart."""

    commitment: str | None
    milestone: int | None
    field: str
    which: str = ""


def differences(before: PlanDocument | None, after: PlanDocument) -> list[Difference]:
    """What is new, gone or different, in the order of the plan."""
    old, new = dict(_facts(before)) if before else {}, dict(_facts(after))
    titles = _titles(before) | _titles(after)
    found = [spot for spot in new if old.get(spot) != new[spot]] + [spot for spot in old if spot not in new]
    order = {code: place for place, code in enumerate([None, *(c.code for c in after.commitments)])}
    found.sort(key=lambda spot: (order.get(spot.commitment, len(order)), spot.milestone or 0))
    return [
        Difference(
            spot.commitment,
            spot.milestone,
            titles.get((spot.commitment, spot.milestone)),
            spot.field,
            old.get(spot),
            new.get(spot),
        )
        for spot in found
    ]


def seal(found: list[Difference]) -> str:
    """By which these differences are known again."""
    return sha256(repr(found).encode()).hexdigest()


async def hold(tx: AsyncSession, plan: str) -> None:
    """Have the plan's row to the end of the transaction: one change of a plan at a time, before any other row of it."""
    await tx.execute(select(PlanRow.code).where(PlanRow.code == plan).with_for_update())


@asynccontextmanager
async def recorded(
    tx: AsyncSession, plan: str, *, by: Staff | None, means: Means, at: datetime
) -> AsyncIterator[PlanDocument | None]:
    """Note all that changes in a plan inside, and look anew at what in it wants staff. Gives the plan as it was.

    Who changes the plan meanwhile waits, and begins with this.
    """
    await hold(tx, plan)
    before = await document_of(tx, plan)
    yield before
    await tx.flush()
    after = await document_of(tx, plan)
    if after is None:
        return
    for found in _gathered(differences(before, after)):
        tx.add(
            PlanChangeRow(
                plan=plan,
                commitment=found.commitment,
                milestone=found.milestone,
                about_ko=found.about and found.about.ko,
                about_en=found.about and found.about.en,
                field=found.field,
                before=found.before,
                after=found.after,
                means=means,
                staff_id=by and by.id,
                at=at,
            )
        )
    await watch(tx, at=at)


async def changes_of(
    tx: AsyncSession, code: str, *, before: int | None = None, limit: int = CHANGES_SHOWN
) -> list[Change]:
    """What changed in a commitment or a plan, the newest first; `before` is the id to go on from."""
    one = (PlanChangeRow.commitment == code) | ((PlanChangeRow.plan == code) & PlanChangeRow.commitment.is_(None))
    rows = select(PlanChangeRow, StaffRow.called).outerjoin(StaffRow, StaffRow.id == PlanChangeRow.staff_id).where(one)
    if before is not None:
        rows = rows.where(PlanChangeRow.id < before)
    return [
        Change(
            row.commitment,
            row.milestone,
            Both(ko=row.about_ko, en=row.about_en) if row.about_ko and row.about_en else None,
            row.field,
            row.before,
            row.after,
            row.id,
            row.at,
            Means(row.means),
            called,
        )
        for row, called in await tx.execute(rows.order_by(PlanChangeRow.id.desc()).limit(limit))
    ]


def _gathered(found: list[Difference]) -> Iterator[Difference]:
    """One line, and not one a field, for a whole plan, commitment or milestone that is new or gone."""
    whole = {(d.commitment, d.milestone): d for d in found if d.field == "title.ko" and None in (d.before, d.after)}
    named = {(d.commitment, d.milestone): d for d in found if d.field in ("title.en", "due")}  # the date, if it has one
    for d in found:
        entry = d.commitment, d.milestone
        if entry not in whole or d.field in ("done", "evidence") or (d.field == "state" and d.after in MOVED):
            yield d
        elif d is whole[entry]:
            kind = "milestone" if d.milestone else "commitment" if d.commitment else "plan"
            by = named[entry]
            if kind == "milestone":
                yield replace(d, field=kind, before=by.before, after=by.after)
            else:
                yield replace(d, field=kind, after=f"{d.after}\n{by.after}")


def _facts(plan: PlanDocument) -> Iterator[tuple[Spot, str]]:
    yield from _told(None, None, **_both("title", plan.title), **_both("city", plan.city))
    yield from _told(None, None, title_ko_official=plan.title_ko_official)
    yield from _told(None, None, **{"period.start": plan.period.start, "period.end": plan.period.end})
    yield from _sources(None, plan.sources)
    for c in plan.commitments:
        yield from _commitment(c)


def _commitment(c: Planned) -> Iterator[tuple[Spot, str]]:
    words = {"title": c.title, "short": c.short, "summary": c.summary, "lead": c.lead}
    for name, said in words.items():
        yield from _told(c.code, None, **_both(name, said))
    yield from _told(c.code, None, title_ko_official=c.title_ko_official)
    yield from _told(c.code, None, **{"period.start": c.period.start, "period.end": c.period.end})
    for partner in c.partners:
        both = _in_both(partner)
        yield Spot(c.code, None, "partner", both), both
    for value in c.values:
        yield Spot(c.code, None, "value", value), value
    yield from _told(c.code, None, status=c.status, status_as_of=c.status_as_of)
    if c.level:
        source = {"level.source": _source(c.level.source)}
        yield from _told(c.code, None, level=c.level.level, **source)
    yield from _sources(c.code, c.sources)
    for m in c.milestones or ():
        yield from _milestone(c.code, m)


def _milestone(code: str, m: PlannedMilestone) -> Iterator[tuple[Spot, str]]:
    yield from _told(code, m.number, **_both("title", m.title), due=m.due.isoformat(), state=m.state)
    if m.done:
        yield Spot(code, m.number, "done"), m.done.isoformat()
    for e in m.evidence:
        yield Spot(code, m.number, "evidence", e.model_dump_json()), _in_both(Both.said(e.said))


def _told(code: str | None, number: int | None, **fields: str | bool) -> Iterator[tuple[Spot, str]]:
    for name, value in fields.items():
        yield Spot(code, number, name), ("true" if value else "false") if isinstance(value, bool) else str(value)


def _both(name: str, said: Both) -> dict[str, str]:
    return {f"{name}.ko": said.ko, f"{name}.en": said.en}


def _in_both(said: Both) -> str:
    """One value that is told to everybody in their language: a line each."""
    return "\n".join(" ".join(said.of(lang).split()) for lang in LANGS)


def _sources(code: str | None, sources: tuple[PlannedSource, ...]) -> Iterator[tuple[Spot, str]]:
    for source in sources:
        yield Spot(code, None, "source", _source(source)), _source(source)


def _source(source: PlannedSource) -> str:
    return " · ".join(filter(None, (source.title, source.as_of, source.url)))


def _titles(plan: PlanDocument | None) -> dict[tuple[str | None, int | None], Both]:
    commitments = plan.commitments if plan else ()
    return {(c.code, m.number): m.title for c in commitments for m in c.milestones or ()}


def _said(field: str, value: str | None, lang: Lang) -> str | None:
    if value is None:
        return None
    if field in DATES:
        return written_date(lang, value)
    if field in WORDED:
        return text(lang, WORDED[field](value).wording)
    if field in IN_BOTH and "\n" in value:
        return value.splitlines()[LANGS.index(lang)]
    return text(lang, YES_NO[value]) if field == "title_ko_official" else value


YES_NO: Mapping[str, str] = {"true": N_("yes"), "false": N_("no")}
