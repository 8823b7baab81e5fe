"""The timeline fits whatever is drawn in it."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from bot.pages.timeline import APART, LEFT, RIGHT, YEARS_MOST, timeline

DAYS = st.dates(date(1990, 1, 1), date(2190, 1, 1))


@given(DAYS, DAYS, DAYS, st.lists(DAYS, max_size=30))
def test_all_of_it_lies_within_and_no_mark_on_another(start: date, end: date, today: date, days: list[date]) -> None:
    drawn = timeline(min(start, end), max(start, end), today, sorted(days))
    across = [drawn.start, drawn.end, drawn.today, *(m.x for m in drawn.marks), *(t.x for t in drawn.ticks)]
    assert all(LEFT <= x <= RIGHT for x in across)
    assert drawn.start <= drawn.end
    assert len(drawn.marks) == len(days)
    assert len(drawn.ticks) <= YEARS_MOST + 1
    for mark in drawn.marks:
        beside = [m for m in drawn.marks if m is not mark and m.y == mark.y]
        assert all(abs(m.x - mark.x) >= APART for m in beside)
        assert 0 < mark.y < drawn.ground < drawn.height


def test_marks_stand_in_the_order_of_their_days() -> None:
    days = [date(2026, month, 1) for month in (1, 5, 9, 12)]
    drawn = timeline(days[0], days[-1], date(2026, 6, 1), days)
    assert [m.x for m in drawn.marks] == sorted(m.x for m in drawn.marks)
    assert drawn.marks[0].x < drawn.today < drawn.marks[2].x
    assert [t.label for t in drawn.ticks] == ["2026-01", "2026-04", "2026-07", "2026-10"]
