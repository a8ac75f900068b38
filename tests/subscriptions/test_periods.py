"""Periods lie end to end: nothing paid is lost, nothing overlaps."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from billing_service.subscriptions.periods import Span, lay_anew, prorata, shorten, unused

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
times = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=20_000)).map(lambda later: NOW + later)


HOUR = timedelta(hours=1)


def row_of(*hours: int, begins: timedelta = timedelta(0)) -> list[Span]:
    """Spans of so many hours, end to end, the first one beginning `begins` from now."""
    spans, start = [], NOW + begins
    for number, length in enumerate(hours, start=1):
        spans.append(Span(number, start, start + length * HOUR))
        start = spans[-1].end
    return spans


def test_what_lies_behind_a_shortened_period_moves_up() -> None:
    after = shorten(row_of(10, 5, 3, begins=-2 * HOUR), 1, 4 * HOUR, NOW)

    assert [(span.start - NOW, span.end - NOW) for span in after] == [
        (-2 * HOUR, 4 * HOUR),
        (4 * HOUR, 9 * HOUR),
        (9 * HOUR, 12 * HOUR),
    ]


def test_time_already_used_is_never_taken() -> None:
    after = shorten(row_of(10, 5, begins=-2 * HOUR), 1, 100 * HOUR, NOW)

    assert after[0] == Span(1, NOW - 2 * HOUR, NOW)
    assert after[1].start == NOW


def test_of_a_period_that_has_not_begun_nothing_may_be_left() -> None:
    after = shorten(row_of(10, 5, 3, begins=-2 * HOUR), 2, 5 * HOUR, NOW)

    assert after[1].start == after[1].end
    assert after[2].start == NOW + 8 * HOUR


def test_the_part_of_the_days_is_rounded_down_to_whole_seconds() -> None:
    assert prorata(30, returned=Decimal("100.00"), paid=Decimal("299.00")) == timedelta(seconds=866_889)


@given(
    hours=st.lists(st.integers(min_value=0, max_value=50), min_size=1, max_size=6),
    which=st.integers(min_value=1, max_value=6),
    by=st.integers(min_value=0, max_value=80),
    passed=st.integers(min_value=0, max_value=120),
)
def test_whatever_is_cut_the_rest_lies_end_to_end_and_loses_nothing(
    hours: list[int], which: int, by: int, passed: int
) -> None:
    now = NOW + passed * HOUR
    before = [span for span in row_of(*hours) if span.end > now]
    after = shorten(before, which, by * HOUR, now)

    taken = sum((old.end - old.start for old in before), timedelta()) - sum(
        (new.end - new.start for new in after), timedelta()
    )
    mine = next((span for span in before if span.id == which), None)
    assert taken == (min(by * HOUR, unused(mine, now)) if mine else timedelta(0))
    for old, new in zip(before, after, strict=True):
        assert new.start <= old.start
        assert new.start == old.start or old.start > now
        assert new.id == which or new.end - new.start == old.end - old.start
    lying = [span for span in after if span.end > span.start]
    assert all(one.end == other.start for one, other in pairwise(lying))
    assert all(span.start <= max(now, NOW) for span in lying[:1])


def test_what_begins_out_of_nothing_in_the_future_begins_now_and_the_rest_moves_along() -> None:
    after = lay_anew(row_of(10, 5, begins=48 * HOUR), NOW, {})

    assert [(span.start - NOW, span.end - NOW) for span in after] == [
        (0 * HOUR, 10 * HOUR),
        (10 * HOUR, 15 * HOUR),
    ]


def test_what_begins_where_another_ends_stays() -> None:
    spans = row_of(10, 5, 3, begins=-2 * HOUR)

    assert lay_anew(spans, NOW, {}) == spans


def test_a_hole_before_a_later_period_is_closed() -> None:
    spans = [*row_of(10, begins=-2 * HOUR), Span(2, NOW + 48 * HOUR, NOW + 50 * HOUR)]

    assert lay_anew(spans, NOW, {})[1] == Span(2, NOW + 8 * HOUR, NOW + 10 * HOUR)


def test_a_period_that_began_before_it_was_paid_gets_its_time_back_and_pushes_the_rest() -> None:
    after = lay_anew(row_of(10, 5, begins=-5 * HOUR), NOW, {1: NOW - 1 * HOUR})

    assert [(span.start - NOW, span.end - NOW) for span in after] == [
        (-1 * HOUR, 9 * HOUR),
        (9 * HOUR, 14 * HOUR),
    ]


@given(
    hours=st.lists(st.integers(min_value=0, max_value=50), min_size=1, max_size=6),
    begins=st.integers(min_value=-60, max_value=60),
    paid=st.dictionaries(st.integers(min_value=1, max_value=6), st.integers(min_value=-60, max_value=0)),
)
def test_laid_anew_nothing_gets_shorter_nothing_overlaps_and_nothing_waits_for_nothing(
    hours: list[int], begins: int, paid: dict[int, int]
) -> None:
    spans = row_of(*hours, begins=begins * HOUR)

    after = lay_anew(spans, NOW, {number: NOW + hour * HOUR for number, hour in paid.items()})

    kept = [span for span in after if span.end > span.start]
    assert [span.end - span.start for span in after] == [span.end - span.start for span in spans]
    assert all(first.end <= second.start for first, second in pairwise(kept))
    assert all(span.start >= NOW + paid[span.id] * HOUR for span in kept if span.id in paid)
    assert all(span.start in {NOW, *(one.end for one in kept)} for span in kept if span.start > NOW)
