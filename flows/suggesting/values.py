"""What a suggestion is to the rest of the program."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flows.city import Both
from flows.messages import CitizenId
from flows.wording import N_, Lang


class Status(StrEnum):
    """The states of a suggestion (시민제안). Which may follow which: `reviewing`."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"
    WITHDRAWN = "withdrawn"

    @property
    def wording(self) -> str:
        return STATUS_WORDING[self]


STATUS_WORDING = {
    Status.RECEIVED: N_("Received"),
    Status.IN_REVIEW: N_("In review"),
    Status.ACCEPTED: N_("Accepted"),
    Status.DECLINED: N_("Not accepted"),
    Status.DONE: N_("Carried out"),
    Status.WITHDRAWN: N_("Withdrawn"),
}
PUBLIC = (Status.ACCEPTED, Status.DECLINED, Status.DONE)  # read by staff and answered: these are published
OPEN = (Status.RECEIVED, Status.IN_REVIEW)  # not yet answered: these can be taken back


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A confirmed suggestion. `text` is masked; `citizen` is None once its author has erased their data."""

    id: int
    receipt: str
    citizen: CitizenId | None
    lang: Lang
    text: str
    commitment: str | None
    theme: str | None
    status: Status
    answer: Both | None
    created_at: datetime
    changed_at: datetime

    @property
    def is_public(self) -> bool:
        return self.status in PUBLIC
