"""Two lines of days become one: nothing that is unused is lost or doubled, whatever overlapped."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_service.subscriptions.periods import Span, unused
from billing_service.user_moves.merging import merge

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
Days = tuple[float, float]
# A line: gaps and lengths, from a day on.
LINES = st.tuples(
    st.integers(-100, 50),
    st.lists(st.tuples(st.sampled_from([0, 0, 1, 7]), st.integers(1, 90)), max_size=6),
    st.integers(0, 86399),
)


def span(number: int, days: Days) -> Span:
    return Span(number, NOW + days[0] * DAY, NOW + days[1] * DAY)


def days_of(one: Span) -> Days:
    return (one.start - NOW) / DAY, (one.end - NOW) / DAY


@pytest.mark.parametrize(
    ("his", "theirs", "merged", "cut"),
    [
        # Both run: the rest of the later one lies behind, its used part is cut.
        ([(-20, 10)], [(-10, 20)], [(-20, 10), (10, 30)], [0, 10]),
        # The earlier one is over: only what it covers is cut, and nothing ahead moves.
        ([(-20, -5)], [(-10, 20)], [(-20, -5), (-5, 20)], [0, 5]),
        # The later one lies within the earlier one, and is over.
        ([(-20, 10)], [(-10, -5)], [(-20, 10), (-5, -5)], [0, 5]),
        # Both are over.
        ([(-30, -10)], [(-20, -5)], [(-30, -10), (-10, -5)], [0, 10]),
        # They never met.
        ([(-30, -10)], [(-5, 25)], [(-30, -10), (-5, 25)], [0, 0]),
        # What is still to come of either lies behind what runs of both, in the order of the beginnings.
        (
            [(-20, 10), (10, 40)],
            [(-10, 20), (20, 50)],
            [(-20, 10), (10, 30), (30, 60), (60, 90)],
            [0, 10, 0, 0],
        ),
        # They begin at the same instant.
        ([(-10, 20)], [(-10, 20)], [(-10, 20), (20, 40)], [0, 10]),
        # Only one has anything.
        ([(-10, 20), (20, 50)], [], [(-10, 20), (20, 50)], [0, 0]),
    ],
)
def test_of_spans_that_overlap_the_used_part_of_the_later_one_is_cut(
    his: list[Days], theirs: list[Days], merged: list[Days], cut: list[int]
) -> None:
    spans = [span(number, days) for number, days in enumerate([*his, *theirs])]

    laid = merge(spans, NOW)

    assert [days_of(one.span) for one in laid] == merged
    assert [one.cut / DAY for one in laid] == cut
    assert laid == merge(list(reversed(spans)), NOW)


def line(drawn: tuple[int, list[tuple[int, int]], int], first: int) -> list[Span]:
    """Spans as they lie here: end to end, or with a gap where access had ended, which nothing that is to come has."""
    begins, parts, seconds = drawn
    spans: list[Span] = []
    at = NOW + begins * DAY + timedelta(seconds=seconds)
    for number, (gap, length) in enumerate(parts):
        at = at if spans and at > NOW else min(at + gap * DAY, NOW)
        spans.append(Span(first + number, at, at + length * DAY))
        at += length * DAY
    return spans


@given(his=LINES, theirs=LINES, first=st.sampled_from([0, 100]))
def test_no_day_is_lost_or_doubled_and_no_two_spans_overlap(his: object, theirs: object, first: int) -> None:
    before = {one.id: one for one in [*line(his, first), *line(theirs, 50)]}  # type: ignore[arg-type]

    laid = merge(list(before.values()), NOW)

    assert sum((unused(one.span, NOW) for one in laid), timedelta(0)) == sum(
        (unused(one, NOW) for one in before.values()), timedelta(0)
    )
    for one in laid:
        was = before[one.span.id]
        assert unused(one.span, NOW) == unused(was, NOW)
        assert was.end - was.start == one.span.end - one.span.start + one.cut
        used = was.end - was.start - unused(was, NOW)
        assert timedelta(0) <= one.cut <= used
        assert one.span.start >= was.start
    kept = [one.span for one in laid if one.span.end > one.span.start]
    assert all(one.end <= after.start for one, after in pairwise(kept))
    ahead = [one for one in kept if one.end > NOW]
    assert all(one.end == after.start for one, after in pairwise(ahead))
    assert not ahead or ahead[0].start <= NOW
