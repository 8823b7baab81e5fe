"""What a plan, a commitment and a milestone are to the rest of the program."""

from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from flows.city import Both, city, day
from flows.topics import Source
from flows.wording import N_, Lang, measured


class Status(StrEnum):
    """How far the city says a commitment is, in OGP's words, and `unknown` where nobody has said."""

    UNKNOWN = "unknown"
    NOT_STARTED = "not_started"
    LIMITED = "limited"
    SUBSTANTIAL = "substantial"
    COMPLETE = "complete"

    @property
    def wording(self) -> str:
        return STATUS_WORDING[self]


STATUS_WORDING = {
    Status.UNKNOWN: N_("Result not confirmed"),
    Status.NOT_STARTED: N_("Not started"),
    Status.LIMITED: N_("Started, limited progress"),
    Status.SUBSTANTIAL: N_("Well advanced"),
    Status.COMPLETE: N_("Completed"),
}


class OgpLevel(StrEnum):
    """OGP's levels of completion (IRM Guidelines)."""

    NOT_STARTED = "not_started"
    LIMITED = "limited"
    SUBSTANTIAL = "substantial"
    COMPLETE = "complete"

    @property
    def wording(self) -> str:
        return STATUS_WORDING[Status(self)]


@dataclass(frozen=True, slots=True)
class Level:
    """What OGP's assessment says, never the city: its `source` has the date for which it speaks."""

    value: OgpLevel
    source: Source


class OgpValue(StrEnum):
    """The values of OGP that a commitment serves."""

    TRANSPARENCY = "transparency"
    ACCOUNTABILITY = "accountability"
    PARTICIPATION = "participation"
    TECHNOLOGY = "technology"

    @property
    def wording(self) -> str:
        return VALUE_WORDING[self]


VALUE_WORDING = {
    OgpValue.TRANSPARENCY: N_("Transparency"),
    OgpValue.ACCOUNTABILITY: N_("Accountability"),
    OgpValue.PARTICIPATION: N_("Citizen participation and inclusion"),
    OgpValue.TECHNOLOGY: N_("Technology and innovation"),
}


class MilestoneState(StrEnum):
    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    COMPLETE = "complete"
    DELAYED = "delayed"
    CANCELLED = "cancelled"

    @property
    def wording(self) -> str:
        return MILESTONE_WORDING[self]


MILESTONE_WORDING = {
    MilestoneState.NOT_STARTED: N_("Not started"),
    MilestoneState.IN_PROGRESS: N_("In progress"),
    MilestoneState.COMPLETE: N_("Completed"),
    MilestoneState.DELAYED: N_("Delayed"),
    MilestoneState.CANCELLED: N_("Cancelled"),
}
ENDED = {MilestoneState.COMPLETE, MilestoneState.CANCELLED}


class EvidenceKind(StrEnum):
    LINK = "link"
    FILE = "file"
    FIGURE = "figure"

    @property
    def wording(self) -> str:
        return EVIDENCE_WORDING[self]


EVIDENCE_WORDING = {EvidenceKind.LINK: N_("Link"), EvidenceKind.FILE: N_("File"), EvidenceKind.FIGURE: N_("Figure")}


def amount_of(value: Decimal | None, unit: Both | None, lang: Lang) -> str | None:
    """What a figure that is evidence says, with its unit."""
    return measured(lang, f"{value:,f}", unit.of(lang)) if value is not None and unit else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that a milestone moved (근거), and on which day: a link, a file, or a figure with its unit.

    `entered_by` is for staff and not shown to citizens. `file` has the media type; the file is `/evidence/<id>`.
    """

    id: int
    kind: EvidenceKind
    title: Both
    dated: date
    entered_at: datetime
    entered_by: str | None = None
    url: str | None = None
    value: Decimal | None = None
    unit: Both | None = None
    file: str | None = None

    @property
    def href(self) -> str | None:
        return f"/evidence/{self.id}" if self.kind is EvidenceKind.FILE else self.url

    def amount(self, lang: Lang) -> str | None:
        """A figure with its unit."""
        return amount_of(self.value, self.unit, lang)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A dated step of a commitment (이행 과제), numbered within it. `done`: the day on which it was reached."""

    id: int
    commitment: str
    number: int
    title: Both
    due: date
    state: MilestoneState = MilestoneState.NOT_STARTED
    done: date | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def moved_on(self) -> date | None:
        """The day of the newest evidence; of a milestone of which only the day was kept, that one."""
        return max((e.dated for e in self.evidence), default=self.done)

    @property
    def is_open(self) -> bool:
        return self.state not in ENDED

    def is_overdue(self, on: date) -> bool:
        return self.is_open and self.due < on

    def shown_state(self, on: date) -> MilestoneState:
        """The state as it is shown: what is late is called so, whether or not staff have said it."""
        return MilestoneState.DELAYED if self.is_overdue(on) else self.state


@dataclass(frozen=True, slots=True)
class Completion:
    """How many milestones are complete, of those that were not cancelled."""

    done: int
    of: int

    @classmethod
    def counted(cls, milestones: Iterable[Milestone]) -> "Completion":
        states = [m.state for m in milestones if m.state is not MilestoneState.CANCELLED]
        return cls(states.count(MilestoneState.COMPLETE), len(states))

    @property
    def percent(self) -> int | None:
        return 100 * self.done // self.of if self.of else None


class UpdateState(StrEnum):
    """Where an update is on its way. `expired`: it became public after its expiry, so followers were not told."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def wording(self) -> str:
        return UPDATE_WORDING[self]


UPDATE_WORDING = {
    UpdateState.DRAFT: N_("Draft"),
    UpdateState.SCHEDULED: N_("Scheduled"),
    UpdateState.PUBLISHED: N_("Published"),
    UpdateState.CANCELLED: N_("Cancelled"),
    UpdateState.EXPIRED: N_("Published late, not sent"),
}
UNSENT = frozenset({UpdateState.DRAFT, UpdateState.SCHEDULED})


@dataclass(frozen=True, slots=True)
class Update:
    """A progress update (진행 소식). `published_at` is None until its time has come.

    `evidence` is a link. `corrects` is the id of the update that it takes the place of, `corrected_by` that of the
    published one that takes its own. After `expires_at` it is not sent to anybody any more.
    """

    id: int
    commitment: str
    number: int
    text: Both
    publish_at: datetime
    published_at: datetime | None
    state: UpdateState
    milestone: int | None = None
    evidence: str | None = None
    expires_at: datetime | None = None
    corrects: int | None = None
    corrected_by: int | None = None
    version: int = 1

    @property
    def ref(self) -> str:
        return f"{self.commitment}/{self.number}"

    @property
    def shown_at(self) -> datetime:
        """When it became public, or is to."""
        return self.published_at or self.publish_at


class Versions:
    """Published updates by what they are called, together with those that they correct and that correct them."""

    def __init__(self, updates: Iterable[Update] = ()) -> None:
        self._by_id = {u.id: u for u in updates}
        self._by_ref = {u.ref: u for u in self._by_id.values()}

    @property
    def refs(self) -> Collection[str]:
        return self._by_ref.keys()

    def get(self, ref: str) -> Update | None:
        return self._by_ref.get(ref)

    def __getitem__(self, ref: str) -> Update:
        return self._by_ref[ref]

    def before(self, update: Update) -> list[Update]:
        """What it takes the place of, the last first."""
        found = list[Update]()
        while update.corrects is not None:
            found.append(update := self._by_id[update.corrects])
        return found

    def after(self, update: Update) -> list[Update]:
        """The corrections of it, the first first."""
        found = list[Update]()
        while update.corrected_by is not None:
            found.append(update := self._by_id[update.corrected_by])
        return found

    @property
    def milestones(self) -> set[int]:
        """What they are about."""
        return {u.milestone for u in self._by_id.values() if u.milestone is not None}

    def standing(self, update: Update) -> Update:
        """What holds of an update today: the last of its corrections, or itself."""
        return [update, *self.after(update)][-1]


@dataclass(frozen=True, slots=True)
class Titles:
    """What commitments are called in short, by their codes, and milestones by their ids."""

    commitments: Mapping[str, Both] = field(default_factory=dict)
    milestones: Mapping[int, Both] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """An action plan (실행계획). `start` and `end` are as precise as the source: `2021`, `2022-06`, `2022-06-30`."""

    code: str
    title: Both
    title_ko_official: bool
    start: str
    end: str
    city: Both
    sources: tuple[Source, ...] = ()

    @property
    def last_day(self) -> date:
        return last_day(self.end)

    def has_ended(self, on: date) -> bool:
        """Whether it is of the archive."""
        return self.last_day < on


@dataclass(frozen=True, slots=True)
class Commitment:
    """One commitment of a plan (공약) with its live figures.

    `status` is what the city says, `level` what OGP's assessment says: two things. Months are written `2021-08`.
    """

    code: str
    plan: Plan
    title: Both
    title_ko_official: bool
    short: Both
    summary: Both
    start: str
    end: str
    lead: Both
    partners: tuple[Both, ...]
    values: tuple[OgpValue, ...]
    sources: tuple[Source, ...]
    status: Status
    status_as_of: str
    level: Level | None = None
    milestones: tuple[Milestone, ...] = ()
    updates: tuple[Update, ...] = ()

    @property
    def titles(self) -> Titles:
        return Titles({self.code: self.short}, {m.id: m.title for m in self.milestones})

    def milestone_of(self, update: Update) -> Milestone | None:
        """What an update is about, where it says so."""
        return next((m for m in self.milestones if m.id == update.milestone), None)

    @property
    def last_day(self) -> date:
        return last_day(self.end)

    @property
    def completion(self) -> Completion:
        return Completion.counted(self.milestones)

    @property
    def moved_on(self) -> date | None:
        """The day of the newest update or evidence; neither the saving of a form nor a correction makes it fresher."""
        moves = [m.moved_on for m in self.milestones] + [day(u.shown_at) for u in self.updates if u.corrects is None]
        return max((moved for moved in moves if moved), default=None)

    def has_ended(self, on: date) -> bool:
        return self.last_day < on

    def is_overdue(self, on: date) -> bool:
        """The time is over and nobody has said that it was completed."""
        return self.has_ended(on) and self.status is not Status.COMPLETE

    def silent_since(self, today: date) -> date | None:
        """Since when nothing was heard, once something is overdue for longer than the city's days of grace.

        The day of its last move, or the day on which the first thing fell due where it never moved.
        """
        missed = [m.due for m in self.milestones if m.is_overdue(today)]
        if self.is_overdue(today):
            missed.append(self.last_day)
        if not missed:
            return None
        since = self.moved_on or min(missed)
        grace = timedelta(days=city().commitments.no_update_grace_days)
        return since if max(since, min(missed)) + grace < today else None


def last_day(partial: str) -> date:
    """The last day of a year, a month or a day in ISO."""
    year, month, on = (*map(int, partial.split("-")), 0, 0)[:3]
    month = month or 12
    return date(year, month, on or monthrange(year, month)[1])
