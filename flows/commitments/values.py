"""What a commitment is to the rest of the program."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from flows.city import Both
from flows.topics import Source
from flows.wording import N_


class Status(StrEnum):
    """How far a commitment is: OGP's completion levels (IRM Guidelines), and `unknown` where nobody has said."""

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


@dataclass(frozen=True, slots=True)
class Milestone:
    """A dated step of a commitment (이행 과제)."""

    id: int
    commitment: str
    title: Both
    due: date
    done: date | None

    def is_overdue(self, on: date) -> bool:
        return self.done is None and self.due < on


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


@dataclass(frozen=True, slots=True)
class Commitment:
    """One commitment of the plan (공약) with its live figures. Months are written `2021-08`, as registered."""

    code: str
    title: Both
    title_ko_official: bool
    short: Both
    summary: Both
    start: str
    end: str
    lead: Both
    partners: tuple[Both, ...]
    sources: tuple[Source, ...]
    status: Status
    status_as_of: str
    milestones: tuple[Milestone, ...] = ()
    updates: tuple[Update, ...] = ()

    def standing(self, update: Update) -> Update:
        """What holds of a published update today: the last of its corrections, or itself."""
        by_id = {u.id: u for u in self.updates}
        while update.corrected_by is not None:
            update = by_id[update.corrected_by]
        return update

    @property
    def last_day(self) -> date:
        year, month = (int(part) for part in self.end.split("-"))
        return date(year, month, monthrange(year, month)[1])

    def has_ended(self, on: date) -> bool:
        return self.last_day < on

    def is_overdue(self, on: date) -> bool:
        """The time is over and nobody has said that it was completed."""
        return self.has_ended(on) and self.status is not Status.COMPLETE
