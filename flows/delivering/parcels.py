"""What delivering needs of a channel: one message out, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from flows.messages import CitizenId, Reply
from flows.wording import Lang

type Kind = Literal["sent", "later", "uncertain", "held", "gone", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message: an expected result, not an exception.

    `later`: it did not arrive, and may at the next try. `uncertain`: nobody can say whether it arrived. `held`: the
    account may not send for a while, which is nobody's failure, and the channel itself knows when it may again. `gone`:
    this person cannot be reached any more. `refused`: this message will never be taken. `reason`: a word of
    `progress.REASONS` for staff.
    """

    kind: Kind
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way to one citizen; ours until `until`, at the `attempt`th try."""

    delivery: int
    notice: int
    citizen: CitizenId
    channel: str
    address: str
    lang: Lang
    kind: str
    subject: str
    reply: Reply
    attempt: int
    until: datetime


class Sender(Protocol):
    """One channel's way out."""

    async def send(self, parcel: Parcel) -> Outcome: ...
