"""Eight members of staff act at random on the same suggestions, in real transactions at the same time."""

import random
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bench.review import illegal, is_path, miscounted, people, run, unaudited
from flows.accounts import Role
from flows.suggesting import Actor, Event, Kind, Status, move_between, next_for
from tests.city import City

STAFF, SUGGESTIONS, ACTS = 8, 30, 1_600


async def test_whatever_many_do_at_once_every_history_is_a_path_and_every_act_in_the_audit_log(city: City) -> None:
    world = await people(city.damso.db, staff=STAFF, suggestions=SUGGESTIONS)
    await run(world, is_over=lambda: world.acts >= ACTS, chance=random.Random(7))
    assert {"decide", "correct", "ask", "merge", "hide", "bring_back", "author", "support"} <= {*world.done}
    assert world.refused["StatusMoved"], "nobody met anybody: this proves nothing"
    assert await illegal(world) == 0
    assert await unaudited(world) == 0
    assert await miscounted(world) == 0


def line(before: Status, after: Status, actor: Actor = Actor.STAFF) -> Event:
    return Event(Kind.MOVED, actor, None, before, after, None, None, datetime(2026, 3, 2, tzinfo=UTC))


@given(st.lists(st.integers(0, 20), max_size=12))
def test_all_that_the_table_offers_one_after_the_other_is_a_path(choices: list[int]) -> None:
    now, history, before_hiding = Status.RECEIVED, list[Event](), None
    for choice in choices:
        offered = next_for(Role.ADMIN, now)
        if now is Status.HIDDEN:
            offered = tuple(state for state in offered if state in (before_hiding, Status.HIDDEN))
        if not offered:
            break
        to = offered[choice % len(offered)]
        if to is Status.HIDDEN and now is not Status.HIDDEN:
            before_hiding = now
        history.append(line(now, to))
        now = to
    assert is_path(history, now)


@given(st.sampled_from(Status), st.sampled_from(Status), st.sampled_from(Actor))
def test_nobody_else_has_a_move_that_the_table_does_not_give_them(before: Status, after: Status, actor: Actor) -> None:
    move = move_between(before, after)
    alone = line(before, after, actor)
    if before is Status.RECEIVED:
        assert is_path([alone], after) is (move is not None and move.is_for(actor))


def test_what_is_hidden_goes_back_to_what_it_was_alone() -> None:
    there = [line(Status.RECEIVED, Status.DECLINED), line(Status.DECLINED, Status.HIDDEN)]
    assert is_path([*there, line(Status.HIDDEN, Status.DECLINED)], Status.DECLINED)
    assert not is_path([*there, line(Status.HIDDEN, Status.ACCEPTED)], Status.ACCEPTED)
    assert not is_path(there, Status.DECLINED), "a history that leads elsewhere"
