"""The state table of a suggestion. A citizen may withdraw (`suggesting`); all else is here."""

from flows.suggesting import Status

NEXT: dict[Status, tuple[Status, ...]] = {
    Status.RECEIVED: (Status.IN_REVIEW, Status.ACCEPTED, Status.DECLINED),
    Status.IN_REVIEW: (Status.ACCEPTED, Status.DECLINED),
    Status.ACCEPTED: (Status.DONE, Status.DECLINED),
    Status.DECLINED: (Status.ACCEPTED,),
    Status.DONE: (),
    Status.WITHDRAWN: (),
}
NEEDS_ANSWER = (Status.ACCEPTED, Status.DECLINED, Status.DONE)
