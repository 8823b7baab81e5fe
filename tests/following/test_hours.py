"""When somebody may be disturbed, and when their digests come: by clocks that are put forward and back."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.city import zone
from flows.subscribing import Frequency, next_decent_moment
from flows.subscribing.quiet import Hours, Quiet, leaves_room
from flows.subscribing.times import LAST_DAY, Times

CLOCKS = st.times().map(lambda t: t.replace(second=0, microsecond=0))
ZONES = st.sampled_from([None, "Asia/Seoul", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
OWN = st.builds(Hours, st.none() | st.builds(Quiet, CLOCKS, CLOCKS), st.booleans(), ZONES)
MOMENTS = st.floats(1.735e9, 1.83e9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))  # 2024 to 2027


@given(MOMENTS, OWN.filter(lambda own: leaves_room(own, 2026)))
def test_nothing_is_due_in_the_citys_night_nor_in_ones_own_hours(asked: datetime, own: Hours) -> None:
    moment = next_decent_moment(asked, own)
    local = moment.astimezone(own.local)
    assert asked <= moment <= asked + timedelta(days=8)
    assert 8 <= moment.astimezone(zone()).hour < 21
    assert not (own.quiet and own.quiet.covers(local.time()))
    assert own.weekends or local.weekday() < 5


@pytest.mark.parametrize(
    ("own", "asked", "due"),
    [
        # Seoul's day is 18:00–07:00 in New York in winter and 19:00–08:00 in summer; their own night begins at 21.
        (Hours(zone="America/New_York"), "2026-03-07T18:30-05:00", "2026-03-07T18:30-05:00"),
        (Hours(zone="America/New_York"), "2026-03-07T21:30-05:00", "2026-03-08T19:00-04:00"),  # put forward at 2
        (Hours(zone="America/New_York"), "2026-10-31T20:30-04:00", "2026-10-31T20:30-04:00"),
        (Hours(zone="America/New_York"), "2026-10-31T21:30-04:00", "2026-11-01T18:00-05:00"),  # put back at 2
        # An end that the clocks leave out, and one that they show twice: the later moment.
        (Hours(Quiet(time(22), time(2, 30)), zone="Europe/Paris"), "2026-03-29T01:10+01:00", "2026-03-29T03:30+02:00"),
        (Hours(Quiet(time(22), time(2, 30)), zone="Europe/Paris"), "2026-10-25T02:10+02:00", "2026-10-25T02:30+01:00"),
        (Hours(weekends=False), "2026-03-06T22:00+09:00", "2026-03-09T08:00+09:00"),  # Friday night to Monday
        (Hours(Quiet(time(12), time(14))), "2026-03-06T12:30+09:00", "2026-03-06T14:00+09:00"),
    ],
)
def test_the_first_moment_that_suits(own: Hours, asked: str, due: str) -> None:
    assert next_decent_moment(datetime.fromisoformat(asked), own) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("own", "room"),
    [
        (Hours(Quiet(time(8), time(21))), False),
        (Hours(Quiet(time(7), time(20, 30))), False),  # half an hour, which no full hour falls into
        (Hours(Quiet(time(0), time(18))), True),
        (Hours(Quiet(time(21), time(18)), weekends=False, zone="America/New_York"), True),
        (Hours(Quiet(time(18), time(8)), zone="America/New_York"), False),
    ],
)
def test_hours_that_leave_no_time_at_all_are_known(own: Hours, room: bool) -> None:
    assert leaves_room(own, 2026) is room


@pytest.mark.parametrize(
    ("times", "frequency", "at", "last", "coming"),
    [
        (Times(), Frequency.WEEKLY, "2026-03-03T10:00+09:00", "2026-03-02T09:00+09:00", "2026-03-09T09:00+09:00"),
        (
            Times(4, None, time(18)),
            Frequency.WEEKLY,
            "2026-03-06T18:00+09:00",
            "2026-03-06T18:00+09:00",
            "2026-03-13T18:00+09:00",
        ),
        (
            Times(month_day=LAST_DAY),
            Frequency.MONTHLY,
            "2026-02-28T08:59+09:00",
            "2026-01-31T09:00+09:00",
            "2026-02-28T09:00+09:00",
        ),
        (
            Times(month_day=30),
            Frequency.MONTHLY,
            "2026-03-01T10:00+09:00",
            "2026-02-28T09:00+09:00",
            "2026-03-30T09:00+09:00",
        ),
        (
            Times(month_day=1),
            Frequency.MONTHLY,
            "2026-12-31T10:00+09:00",
            "2026-12-01T09:00+09:00",
            "2027-01-01T09:00+09:00",
        ),
        # The same hour by the clock on both sides of a change.
        (
            Times(6, None, time(9), "Europe/Paris"),
            Frequency.WEEKLY,
            "2026-03-28T12:00+01:00",
            "2026-03-22T09:00+01:00",
            "2026-03-29T09:00+02:00",
        ),
        (
            Times(6, None, time(2, 30), "Europe/Paris"),
            Frequency.WEEKLY,
            "2026-10-25T02:45+02:00",
            "2026-10-18T02:30+02:00",
            "2026-10-25T02:30+01:00",
        ),
    ],
    ids=["usual", "at-the-moment", "last-day", "30th-of-february", "new-year", "put-forward", "put-back"],
)
def test_a_digest_comes_on_its_day_at_its_hour(
    times: Times, frequency: Frequency, at: str, last: str, coming: str
) -> None:
    moment = datetime.fromisoformat(at)
    assert times.last(frequency, moment) == datetime.fromisoformat(last)
    assert times.next(frequency, moment) == datetime.fromisoformat(coming)


@given(
    MOMENTS,
    st.builds(Times, st.integers(0, 6), st.integers(1, LAST_DAY), CLOCKS, ZONES),
    st.sampled_from([Frequency.WEEKLY, Frequency.MONTHLY]),
)
def test_one_time_follows_the_other(at: datetime, times: Times, frequency: Frequency) -> None:
    last, coming = times.last(frequency, at), times.next(frequency, at)
    assert last <= at < coming
    assert times.last(frequency, coming) == coming, "none is left out between two looks of the clock"
    assert times.next(frequency, last) == coming
