"""What a suggestion is to the rest of the program."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from flows.city import Both
from flows.messages import ChannelName, CitizenId
from flows.wording import N_, Lang
from flows.working_days import last_day


class Status(StrEnum):
    """The states of a suggestion (시민제안). Which may follow which, and by whom: `states`."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    AUTHOR_ASKED = "author_asked"
    ACCEPTED = "accepted"
    PARTLY_ACCEPTED = "partly_accepted"
    DECLINED = "declined"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    DONE = "done"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    HIDDEN = "hidden"

    @property
    def wording(self) -> str:
        return STATUS_WORDING[self]


STATUS_WORDING = {
    Status.RECEIVED: N_("Received"),
    Status.IN_REVIEW: N_("In review"),
    Status.AUTHOR_ASKED: N_("More asked of its author"),
    Status.ACCEPTED: N_("Accepted"),
    Status.PARTLY_ACCEPTED: N_("Partly accepted"),
    Status.DECLINED: N_("Not accepted"),
    Status.ANSWERED_ELSEWHERE: N_("Answered elsewhere"),
    Status.DONE: N_("Carried out"),
    Status.MERGED: N_("Merged with another"),
    Status.WITHDRAWN: N_("Withdrawn"),
    Status.HIDDEN: N_("Hidden"),
}
WAITING = (Status.RECEIVED, Status.IN_REVIEW)  # for the staff
OPEN = (*WAITING, Status.AUTHOR_ASKED)  # not yet answered
DECIDED = (Status.ACCEPTED, Status.PARTLY_ACCEPTED, Status.DECLINED, Status.ANSWERED_ELSEWHERE)
CONTESTABLE = (*DECIDED, Status.HIDDEN)  # by the author, once
ANSWERED = (*DECIDED, Status.DONE)  # with a public answer in both languages
SUPPORTABLE = (*OPEN, Status.ACCEPTED, Status.PARTLY_ACCEPTED)  # the city has still something to do
NOT_SHOWN = (Status.WITHDRAWN, Status.HIDDEN)  # whatever was published before


class Kind(StrEnum):
    """What happened to a suggestion. Kinds that are not in PUBLIC_KINDS are for staff and its author."""

    SENT = "sent"
    MOVED = "moved"
    EDITED = "edited"
    PUBLISHED = "published"
    UNPUBLISHED = "unpublished"
    REPLIED = "replied"  # the author, to what staff asked
    CONTESTED = "contested"  # the author, with a reason
    CORRECTED = "corrected"  # an answer, openly, after it was sent
    TRANSLATED = "translated"
    RAISED = "raised"  # supporters reached a step; `words` has their number
    PROMISED = "promised"  # supporters started the answer's clock
    LINKED = "linked"  # to a milestone or an update
    UNLINKED = "unlinked"
    JOINED = "joined"  # another was merged into this one; `words` has its receipt
    SURVEYED = "surveyed"  # the author said whether it is really done
    MODERATED = "moderated"
    REDACTED = "redacted"
    ASSIGNED = "assigned"  # `words` has whom it was given to; none for given back
    SORTED = "sorted"  # under another commitment or theme; `words` has its code


PUBLIC_KINDS = (
    Kind.SENT,
    Kind.MOVED,
    Kind.PUBLISHED,
    Kind.CONTESTED,
    Kind.CORRECTED,
    Kind.RAISED,
    Kind.PROMISED,
    Kind.LINKED,
    Kind.JOINED,
    Kind.SURVEYED,
)


class Actor(StrEnum):
    STAFF = "staff"
    AUTHOR = "author"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a suggestion is about: a district of the city's content, or a point of a map, or neither."""

    district: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A confirmed suggestion. `text` is masked; `citizen` is None once its author has erased their data.

    `translation` is in the other language, `shown_text` what the public reads in place of `text`; both by staff.
    """

    id: int
    receipt: str
    citizen: CitizenId | None
    channel: ChannelName
    lang: Lang
    text: str
    shown_text: str | None
    translation: str | None
    shown_name: str | None
    commitment: str | None
    theme: str | None
    place: Place
    status: Status
    answer: Both | None
    flags: tuple[str, ...]
    merged_into: int | None
    supports: int
    assignee: int | None
    assigned_until: datetime | None
    due_at: datetime | None
    days_left: int | None
    promised_at: datetime | None
    published_at: datetime | None
    answered_at: datetime | None
    answered_in_time: bool | None
    contested_at: datetime | None
    surveyed_at: datetime | None
    really_done: bool | None
    version: int
    created_at: datetime
    changed_at: datetime

    def holder(self, at: datetime) -> int | None:
        """Who of the staff has it in hand: a claim that has run out does not count."""
        return self.assignee if self.assigned_until and self.assigned_until > at else None

    @property
    def is_public(self) -> bool:
        return self.published_at is not None and self.status not in NOT_SHOWN

    @property
    def is_supportable(self) -> bool:
        return self.is_public and self.status in SUPPORTABLE

    @property
    def answer_promised_by(self) -> date | None:
        """The last day on which the city keeps its promise to the supporters, while staff owe them the answer."""
        is_owed = self.promised_at is not None and self.status in WAITING
        return last_day(self.due_at) if is_owed and self.due_at is not None else None

    @property
    def public_text(self) -> str:
        """In the language it was written in."""
        return self.text if self.shown_text is None else self.shown_text

    def public_text_for(self, lang: Lang) -> str:
        """The translation, where staff made one and `lang` is not the language it was written in."""
        return self.translation if self.translation and lang != self.lang else self.public_text


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a suggestion's history. `public` has words in both languages, `words` those of its author."""

    kind: Kind
    actor: Actor
    staff: str | None
    before: Status | None
    after: Status | None
    public: Both | None
    words: str | None
    at: datetime


PHOTO, DOCUMENT = "image/jpeg", "application/pdf"  # what is kept: every picture is written anew as a JPEG


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a suggestion, or of a draft. `alt`: what staff say is to be seen, where they published a picture."""

    id: int
    key: str
    media_type: str
    size_bytes: int
    published: bool
    alt: Both | None
    at: datetime

    @property
    def is_photo(self) -> bool:
        return self.media_type == PHOTO
