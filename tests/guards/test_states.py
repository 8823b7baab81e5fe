"""The states of a suggestion as docs/staff.md has them are those of the table in the code."""

import re
from pathlib import Path

from flows.accounts import Role
from flows.suggesting import DECIDED, OPEN, Need, Status, move_between
from flows.wording import text

STAFF = (Path(__file__).parents[2] / "docs" / "staff.md").read_text("utf-8")
GROUPS = {"open": OPEN, "decided": DECIDED}
NEEDED = {
    Need.NOTHING: "–",
    Need.QUESTION: "a question",
    Need.ANSWER: "an answer in both languages",
    Need.REASON: "a reason in both languages",
    Need.TARGET: "the receipt number of that one",
}


def drawn() -> set[tuple[Status, Status]]:
    """Every move of the diagram; an arrow from or to a group stands for each state in it, and to itself for others."""
    diagram = STAFF.split("```mermaid")[1].split("```")[0]
    found = set()
    for left, right in re.findall(r"^\s*(\w+) --> (\w+)", diagram, re.MULTILINE):
        befores, afters = (GROUPS.get(name) or (Status(name),) for name in (left, right))
        found |= {(b, a) for b in befores for a in afters if b is not a or left not in GROUPS}
    return found


def test_the_diagram_has_just_the_moves_of_the_table() -> None:
    moves = {(before, after) for before in Status for after in Status if move_between(before, after)}
    assert drawn() == moves, f"docs/staff.md lacks {moves - drawn()}, draws {drawn() - moves}"


def test_the_table_of_states_says_what_each_needs() -> None:
    for state in Status:
        needs = {move.needs for before in Status if (move := move_between(before, state))} - {Need.NOTHING}
        words = NEEDED[needs.pop() if needs else Need.NOTHING]
        row = rf"^\| {state.wording} \| {text('ko', state.wording)} \| [^|]+ \| {words} \|$"
        assert re.search(row, STAFF, re.MULTILINE), f"docs/staff.md: no row for {state}, or it needs something else"


def test_only_editors_hide_and_bring_back() -> None:
    for before in Status:
        for after in Status:
            move = move_between(before, after)
            if move and move.role is not None:
                is_hiding = Status.HIDDEN in (before, after)
                assert move.role is (Role.EDITOR if is_hiding else Role.REVIEWER), f"{before} → {after}"
