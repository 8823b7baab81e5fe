"""The state table of a suggestion: which state may follow which, by whom, and what it takes. Drawn in docs/staff.md."""

from dataclasses import dataclass
from enum import StrEnum

from flows.accounts import Role
from flows.errors import Conflict
from flows.suggesting.values import ANSWERED, DECIDED, OPEN, Actor, Status
from flows.wording import N_, Lang, text


class NotFromHere(Conflict):
    """`before` and `after` are states."""

    message = N_("This suggestion cannot go from “{before}” to “{after}”.")

    def said(self, lang: Lang) -> str:
        states = {name: Status(str(it)) for name, it in self.params.items()}
        return text(lang, self.message, **{name: text(lang, it.wording) for name, it in states.items()})


class Need(StrEnum):
    """What a move cannot be made without."""

    NOTHING = "nothing"
    QUESTION = "question"  # to the author, in the language of the suggestion
    ANSWER = "answer"  # public, in both languages
    REASON = "reason"  # public, in both languages
    TARGET = "target"  # the receipt of the suggestion that goes on for both


@dataclass(frozen=True, slots=True)
class Move:
    """`role`: the least that staff need for it; None where staff may not."""

    before: Status
    after: Status
    role: Role | None
    others: tuple[Actor, ...] = ()

    @property
    def needs(self) -> Need:
        if self.before is Status.HIDDEN and self.after is not Status.HIDDEN:
            return Need.NOTHING  # it comes back with what it had
        return NEEDS.get(self.after, Need.NOTHING)

    def is_for(self, actor: Actor) -> bool:
        return self.role is not None if actor is Actor.STAFF else actor in self.others


NEEDS = {
    Status.AUTHOR_ASKED: Need.QUESTION,
    **dict.fromkeys(ANSWERED, Need.ANSWER),
    Status.MERGED: Need.TARGET,
    Status.HIDDEN: Need.REASON,
}

HIDEABLE = (*OPEN, *ANSWERED, Status.MERGED)
_REVIEWER = Role.REVIEWER
MOVES: tuple[Move, ...] = (
    Move(Status.RECEIVED, Status.IN_REVIEW, _REVIEWER),
    *(Move(before, Status.AUTHOR_ASKED, _REVIEWER) for before in (Status.RECEIVED, Status.IN_REVIEW)),
    Move(Status.AUTHOR_ASKED, Status.IN_REVIEW, _REVIEWER, (Actor.AUTHOR, Actor.CLOCK)),
    *(Move(before, after, _REVIEWER) for before in OPEN for after in DECIDED),
    *(Move(before, after, _REVIEWER) for before in DECIDED for after in DECIDED if before is not after),
    *(Move(before, Status.DONE, _REVIEWER) for before in (Status.ACCEPTED, Status.PARTLY_ACCEPTED)),
    *(Move(before, Status.IN_REVIEW, None, (Actor.AUTHOR,)) for before in DECIDED),  # contested
    *(Move(before, Status.MERGED, _REVIEWER) for before in OPEN),
    *(Move(before, Status.WITHDRAWN, None, (Actor.AUTHOR,)) for before in (*OPEN, *ANSWERED)),
    *(Move(before, Status.HIDDEN, Role.EDITOR) for before in HIDEABLE),
    *(Move(Status.HIDDEN, after, Role.EDITOR) for after in HIDEABLE),  # back to what it was, no further
    Move(Status.HIDDEN, Status.HIDDEN, Role.EDITOR),  # stays so although its author objected
)
_BY_STATES = {(move.before, move.after): move for move in MOVES}


def move_between(before: Status, after: Status) -> Move | None:
    return _BY_STATES.get((before, after))


def next_for(role: Role, before: Status) -> tuple[Status, ...]:
    """Where staff of this role may take a suggestion from this state, in the order of the states."""
    return tuple(m.after for m in MOVES if m.before is before and m.role is not None and role.covers(m.role))
