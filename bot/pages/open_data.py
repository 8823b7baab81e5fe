"""Open data: what is published, as JSON, and never personal data."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from bot.app import Damso
from bot.channels.webchat import SourceOut
from bot.pages.lookup import looked_up
from bot.pages.problems import FIELD_WORDING
from bot.pages.rendering import lang_of, parts
from flows import commitments, indicators, suggesting
from flows.answering import topics_in_use
from flows.city import city, day
from flows.commitments import Change, Commitment, Evidence, Level, Milestone, Plan, Update
from flows.errors import Invalid
from flows.indicators import Indicator, Observation
from flows.messages import clean
from flows.suggesting import Order, Status, Suggestion, Wanted
from flows.topics import Source
from flows.wording import Lang, text, unit_alone

router = APIRouter(prefix="/api", tags=["open data"])
Parts = Annotated[Damso, Depends(parts)]
Language = Annotated[Lang, Depends(lang_of)]
Page = Annotated[int | None, Query(ge=1, le=2**62, description="The id to go on from; `next` has it.")]

PAGE_SIZE = 20


class BadFilter(Invalid):
    message = FIELD_WORDING

    @classmethod
    def of(cls, field: str) -> Self:
        refused = cls(field=field)
        refused.field = field
        return refused


class PlanOut(BaseModel):
    """An action plan; `ended` by its period and the day of asking."""

    code: str
    title: str
    period: dict[str, str]
    city: str
    ended: bool
    sources: list[SourceOut]


class EvidenceOut(BaseModel):
    """What shows that a milestone moved: `url` of a link or a file, or `value` and `unit` of a figure."""

    kind: str
    title: str
    date: str
    url: str | None
    value: float | None
    unit: str | None


class MilestoneOut(BaseModel):
    """`state` is shown as `delayed` once its date has passed. `moved_on`: the day of its newest evidence."""

    number: int
    title: str
    due: str
    done: str | None
    overdue: bool
    state: str
    state_text: str
    moved_on: str | None
    evidence: list[EvidenceOut]


class LevelOut(BaseModel):
    """What OGP's assessment says of a commitment, which the city does not."""

    level: str
    level_text: str
    source: SourceOut


class CompletionOut(BaseModel):
    """How many milestones are complete, of those that were not cancelled."""

    done: int
    of: int
    percent: int | None


class ChangeOut(BaseModel):
    """One field that changed: no `before` when it was new, no `after` when it is gone."""

    at: str
    milestone: int | None
    field: str
    field_text: str
    before: str | None
    after: str | None
    means_text: str


class UpdateOut(BaseModel):
    """`corrects`: the id of the update whose place this one takes. `corrected_by`: of the one by which this no
    longer holds. `evidence`: a link. `milestone`: the number of the one that it is about.
    """

    id: str
    commitment: str
    text: str
    published_at: str
    corrects: str | None
    corrected_by: str | None
    evidence: str | None
    milestone: int | None
    milestone_title: str | None


class CommitmentOut(BaseModel):
    """A commitment with its true state: `overdue` when its period is over and nobody has called it completed.

    `status` is what the city says, `level` what OGP's assessment says. `silent_since`: set once something is overdue
    and nothing was heard for longer than the city's days of grace.
    """

    code: str
    plan: PlanOut
    title: str
    summary: str
    period: dict[str, str]
    lead: str
    partners: list[str]
    status: str
    status_text: str
    status_as_of: str
    overdue: bool
    level: LevelOut | None
    values: list[str]
    completion: CompletionOut
    moved_on: str | None
    silent_since: str | None
    milestones: list[MilestoneOut]
    updates: list[UpdateOut]
    sources: list[SourceOut]


class SuggestionOut(BaseModel):
    """A published suggestion; looked up by its receipt before that, only its state and dates.

    `text` is in the `language` it was written in, `translation` in the other; `name` is what its author chose to show.
    `hidden_because` is the public reason of one that staff hid.
    """

    receipt: str
    status: str
    status_text: str
    received: str
    changed: str
    hidden_because: str | None = None
    text: str | None = None
    language: str | None = None
    translation: str | None = None
    name: str | None = None
    commitment: str | None = None
    theme: str | None = None
    district: str | None = None
    supporters: int | None = None
    answer_promised_by: str | None = None
    answer: str | None = None
    published: str | None = None
    answered: str | None = None
    merged_into: str | None = None


class FormerOut(BaseModel):
    """What a number was until it was corrected."""

    value: float
    until: str


class ObservationOut(BaseModel):
    """One number: of a year (`2024`) or a month (`2024-06`). `corrected_from`: what it was before, the last first."""

    period: str
    value: float
    source: SourceOut
    note: str | None
    corrected_from: list[FormerOut]


class IndicatorOut(BaseModel):
    """A series of numbers, oldest first."""

    code: str
    title: str
    unit: str
    decimals: int
    every: str
    about: str
    commitment: str | None
    topics: list[str]
    observations: list[ObservationOut]


class TopicOut(BaseModel):
    topic: str
    title: str
    answer: str
    plain: str | None
    as_of: str
    review_by: str
    sources: list[SourceOut]


class Listed[T](BaseModel):
    """One page of a list; `next` is the address of the following page, or null."""

    items: list[T]
    next: str | None = None


@router.get("/commitments")
async def all_commitments(damso: Parts, lang: Language) -> Listed[CommitmentOut]:
    async with damso.db.transaction() as tx:
        plan = await commitments.all_of(tx)
    return Listed(items=[_commitment(c, lang, damso.now()) for c in plan])


@router.get("/commitments/{code}")
async def one_commitment(code: str, damso: Parts, lang: Language) -> CommitmentOut:
    async with damso.db.transaction() as tx:
        return _commitment(await commitments.get(tx, clean(code).upper()), lang, damso.now())


@router.get("/plans")
async def all_plans(damso: Parts, lang: Language) -> Listed[PlanOut]:
    """The action plans: the one that ends last comes first, those that have ended stay."""
    async with damso.db.transaction() as tx:
        return Listed(items=[_plan(plan, lang, damso.now()) for plan in await commitments.plans(tx)])


@router.get("/commitments/{code}/changes")
async def changes(request: Request, code: str, damso: Parts, lang: Language, page: Page = None) -> Listed[ChangeOut]:
    """Every change of a commitment, the newest first."""
    async with damso.db.transaction() as tx:
        known = await commitments.get(tx, clean(code).upper())
        found = await commitments.changes_of(tx, known.code, before=page, limit=PAGE_SIZE + 1)
    return Listed(items=[_change(one, lang) for one in found[:PAGE_SIZE]], next=_next(request, found))


@router.get("/plans/{code}/changes")
async def plan_changes(
    request: Request, code: str, damso: Parts, lang: Language, page: Page = None
) -> Listed[ChangeOut]:
    """Every change of an action plan itself, such as of its title, period or sources, the newest first."""
    async with damso.db.transaction() as tx:
        known = await commitments.plan(tx, clean(code).upper())
        found = await commitments.changes_of(tx, known.code, before=page, limit=PAGE_SIZE + 1)
    return Listed(items=[_change(one, lang) for one in found[:PAGE_SIZE]], next=_next(request, found))


@router.get("/updates")
async def updates(request: Request, damso: Parts, lang: Language, page: Page = None) -> Listed[UpdateOut]:
    async with damso.db.transaction() as tx:
        found = await commitments.latest(tx, before=page, limit=PAGE_SIZE + 1)
        ids = {other for u in found for other in (u.corrects, u.corrected_by) if other}
        refs = await commitments.refs_of(tx, ids)
        about = {c.code: c for c in await commitments.all_of(tx, [u.commitment for u in found])}
    items = [_update(u, about[u.commitment], refs, lang) for u in found[:PAGE_SIZE]]
    return Listed(items=items, next=_next(request, found))


async def wanted(
    damso: Parts,
    *,
    q: Annotated[str, Query(max_length=200, description="Words in Korean or English that all come up.")] = "",
    status: Status | None = None,
    theme: str | None = None,
    district: str | None = None,
    commitment: str | None = None,
    sort: Annotated[Literal["new", "support", "waiting"], Query()] = "new",
) -> Wanted:
    """The filters of the list. Raises BadFilter for what this city does not have."""
    async with damso.db.transaction() as tx:
        named = await commitments.names(tx)
    known = {"theme": city().themes, "district": city().districts, "commitment": named}
    for name, value in (("theme", theme), ("district", district), ("commitment", commitment)):
        if value is not None and value not in known[name]:
            raise BadFilter.of(name)
    return Wanted(
        is_public=True,
        statuses=(status,) if status else (),
        theme=theme,
        district=district,
        commitment=commitment,
        words=clean(q),
        order=Order(sort),
    )


@router.get("/suggestions")
async def suggestions(
    request: Request, damso: Parts, lang: Language, filters: Annotated[Wanted, Depends(wanted)], page: Page = None
) -> Listed[SuggestionOut]:
    async with damso.db.transaction() as tx:
        found = await suggesting.find(tx, filters, after=page, limit=PAGE_SIZE + 1)
        receipts = await suggesting.receipts_of(tx, [s.merged_into for s in found])
    items = [_suggestion(s, lang, receipts) for s in found[:PAGE_SIZE]]
    return Listed(items=items, next=_next(request, found))


@router.get("/suggestions/{receipt}")
async def one_suggestion(request: Request, receipt: str, damso: Parts, lang: Language) -> SuggestionOut:
    """A receipt shows status and nothing more, until the suggestion is published. Look-ups are limited."""
    found = await looked_up(request, damso, receipt)
    async with damso.db.transaction() as tx:
        receipts = await suggesting.receipts_of(tx, [found.merged_into])
        reason = await suggesting.why_hidden(tx, found)
    return _suggestion(found, lang, receipts).model_copy(update={"hidden_because": reason and reason.of(lang)})


@router.get("/indicators")
async def all_indicators(damso: Parts, lang: Language) -> Listed[IndicatorOut]:
    """Every series that has a number."""
    async with damso.db.transaction() as tx:
        return Listed(items=[_indicator(indicator, lang) for indicator in await indicators.shown(tx)])


@router.get("/indicators/{code}")
async def one_indicator(code: str, damso: Parts, lang: Language) -> IndicatorOut:
    async with damso.db.transaction() as tx:
        return _indicator(await indicators.get(tx, clean(code)), lang)


@router.get("/topics")
async def topics(damso: Parts, lang: Language) -> Listed[TopicOut]:
    async with damso.db.transaction() as tx:
        in_use = await topics_in_use(tx)
    return Listed(
        items=[
            TopicOut(
                topic=t.name,
                title=t.title.of(lang),
                answer=t.answer.of(lang),
                plain=t.plain.of(lang) if t.plain else None,
                as_of=t.as_of,
                review_by=t.review_by.isoformat(),
                sources=[_source(s) for s in t.cited],
            )
            for t in in_use.values()
        ]
    )


def _next(request: Request, found: list[Any]) -> str | None:
    if len(found) <= PAGE_SIZE:
        return None
    query = {**request.query_params, "page": str(found[PAGE_SIZE - 1].id)}
    return f"{request.url.path}?{urlencode(query)}"


def _commitment(c: Commitment, lang: Lang, at: datetime) -> CommitmentOut:
    refs = {u.id: u.ref for u in c.updates}
    return CommitmentOut(
        code=c.code,
        plan=_plan(c.plan, lang, at),
        title=c.title.of(lang),
        summary=c.summary.of(lang),
        period={"start": c.start, "end": c.end},
        lead=c.lead.of(lang),
        partners=[partner.of(lang) for partner in c.partners],
        status=c.status,
        status_text=text(lang, c.status.wording),
        status_as_of=c.status_as_of,
        overdue=c.is_overdue(day(at)),
        level=_level(c.level, lang) if c.level else None,
        values=list(c.values),
        completion=CompletionOut(done=c.completion.done, of=c.completion.of, percent=c.completion.percent),
        moved_on=_iso(c.moved_on),
        silent_since=_iso(c.silent_since(day(at))),
        milestones=[_milestone(m, lang, at) for m in c.milestones],
        updates=[_update(u, c, refs, lang) for u in c.updates],
        sources=[_source(s) for s in c.sources],
    )


def _plan(plan: Plan, lang: Lang, at: datetime) -> PlanOut:
    return PlanOut(
        code=plan.code,
        title=plan.title.of(lang),
        period={"start": plan.start, "end": plan.end},
        city=plan.city.of(lang),
        ended=plan.has_ended(day(at)),
        sources=[_source(s) for s in plan.sources],
    )


def _level(level: Level, lang: Lang) -> LevelOut:
    return LevelOut(level=level.value, level_text=text(lang, level.value.wording), source=_source(level.source))


def _milestone(m: Milestone, lang: Lang, at: datetime) -> MilestoneOut:
    state = m.shown_state(day(at))
    return MilestoneOut(
        number=m.number,
        title=m.title.of(lang),
        due=m.due.isoformat(),
        done=_iso(m.done),
        overdue=m.is_overdue(day(at)),
        state=state,
        state_text=text(lang, state.wording),
        moved_on=_iso(m.moved_on),
        evidence=[_evidence(e, lang) for e in m.evidence],
    )


def _evidence(e: Evidence, lang: Lang) -> EvidenceOut:
    return EvidenceOut(
        kind=e.kind,
        title=e.title.of(lang),
        date=e.dated.isoformat(),
        url=e.href,
        value=float(e.value) if e.value is not None else None,
        unit=unit_alone(e.unit.of(lang)) if e.unit else None,
    )


def _change(change: Change, lang: Lang) -> ChangeOut:
    return ChangeOut(
        at=change.at.isoformat(),
        milestone=change.milestone,
        field=change.field,
        field_text=change.name(lang),
        before=change.before_in(lang),
        after=change.after_in(lang),
        means_text=text(lang, change.means.wording),
    )


def _source(s: Source) -> SourceOut:
    return SourceOut(title=s.title, url=s.url, as_of=s.as_of)


def _iso(on: date | None) -> str | None:
    return on.isoformat() if on else None


def _update(u: Update, c: Commitment, refs: Mapping[int, str], lang: Lang) -> UpdateOut:
    """`refs`: what the updates are called that it corrects and that correct it."""
    published, m = u.shown_at.isoformat(), c.milestone_of(u)
    return UpdateOut(
        id=u.ref,
        commitment=u.commitment,
        text=u.text.of(lang),
        published_at=published,
        corrects=refs[u.corrects] if u.corrects else None,
        corrected_by=refs[u.corrected_by] if u.corrected_by else None,
        evidence=u.evidence,
        milestone=m.number if m else None,
        milestone_title=m.title.of(lang) if m else None,
    )


def _indicator(indicator: Indicator, lang: Lang) -> IndicatorOut:
    said = indicator.described
    return IndicatorOut(
        code=indicator.code,
        title=said.title.of(lang),
        unit=unit_alone(said.unit.of(lang)),
        decimals=said.decimals,
        every=said.every,
        about=said.about.of(lang),
        commitment=said.commitment,
        topics=list(said.topics),
        observations=[_observation(it, lang) for it in indicator.observations],
    )


def _observation(it: Observation, lang: Lang) -> ObservationOut:
    return ObservationOut(
        period=it.period,
        value=float(it.value),
        source=SourceOut(title=it.source.title, url=it.source.url, as_of=it.source.as_of),
        note=it.note.of(lang) if it.note else None,
        corrected_from=[FormerOut(value=float(f.value), until=f.until.isoformat()) for f in it.former],
    )


def _suggestion(s: Suggestion, lang: Lang, receipts: Mapping[int, str]) -> SuggestionOut:
    """`receipts`: those of public suggestions into which others were merged, by their ids."""
    out = SuggestionOut(
        receipt=s.receipt,
        status=s.status,
        status_text=text(lang, s.status.wording),
        received=day(s.created_at).isoformat(),
        changed=day(s.changed_at).isoformat(),
    )
    if not s.is_public:
        return out
    promised, published, answered = s.answer_promised_by, s.published_at, s.answered_at
    public = {
        "text": s.public_text,
        "language": s.lang,
        "translation": s.translation,
        "name": s.shown_name,
        "commitment": s.commitment,
        "theme": s.theme,
        "district": s.place.district,
        "supporters": s.supports,
        "answer_promised_by": promised and promised.isoformat(),
        "answer": s.answer.of(lang) if s.answer else None,
        "published": published and day(published).isoformat(),
        "answered": answered and day(answered).isoformat(),
        "merged_into": receipts.get(s.merged_into or 0),
    }
    return out.model_copy(update=public)
