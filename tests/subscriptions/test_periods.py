"""Periods lie end to end: nothing paid is lost, nothing overlaps."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from billing_service.subscriptions.periods import lay_next

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
times = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=20_000)).map(lambda later: NOW + later)


def test_the_first_period_begins_now() -> None:
    assert lay_next(None, NOW, 30) == (NOW, NOW + timedelta(days=30))


def test_a_period_bought_while_another_runs_begins_where_that_one_ends() -> None:
    end = NOW + timedelta(days=7)

    assert lay_next(end, NOW, 30) == (end, end + timedelta(days=30))


def test_after_a_gap_a_period_begins_now_and_not_in_the_past() -> None:
    assert lay_next(NOW - timedelta(days=100), NOW, 30) == (NOW, NOW + timedelta(days=30))


@given(last_end=st.none() | times, now=times, days=st.integers(min_value=1, max_value=3650))
def test_a_day_is_24_hours_and_no_period_is_shortened_or_begins_in_the_past(
    last_end: datetime | None, now: datetime, days: int
) -> None:
    start, end = lay_next(last_end, now, days)

    assert end - start == timedelta(hours=24) * days
    assert start >= now
    assert last_end is None or start >= last_end
    assert start in {now, last_end}
