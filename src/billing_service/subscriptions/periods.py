"""How periods lie: end to end, in the order in which they were granted, with no hole and no overlap."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

DAY = timedelta(hours=24)


@dataclass(frozen=True)
class Span:
    """One period on the calendar, `end` excluded. Nothing is left of one that ends where it starts."""

    id: int
    start: datetime
    end: datetime


def unused(span: Span, now: datetime) -> timedelta:
    """What of it nobody has used yet: time that has passed is never taken back."""
    return max(span.end - max(span.start, now), timedelta(0))


def prorata(days: int, *, returned: Decimal, paid: Decimal) -> timedelta:
    """The part of the days that a part of the money bought, rounded down to whole seconds.

    Never more access is taken than money returned.
    """
    seconds = Decimal(days) * int(DAY.total_seconds()) * returned / paid
    return timedelta(seconds=int(seconds))


def shorten(spans: Sequence[Span], period_id: int, by: timedelta, now: datetime) -> Sequence[Span]:
    """The spans after `by` was taken off the end of one of them: what lies later moves up.

    They come, and are answered, in the order in which they lie. Takes at most what is unused of it. No start that lies
    in the past moves.
    """
    cut = (
        replace(span, end=span.end - min(by, unused(span, now))) if span.id == period_id else span
        for span in spans
    )
    return list(_end_to_end(cut, now))


def _end_to_end(spans: Iterator[Span], now: datetime) -> Iterator[Span]:
    last_end = now
    for span in spans:
        moved = span
        if span.start > now and span.end > span.start:
            moved = Span(span.id, last_end, last_end + (span.end - span.start))
        if moved.end > moved.start:
            last_end = max(last_end, moved.end)
        yield moved


def lay_anew(spans: Sequence[Span], now: datetime, not_before: Mapping[int, datetime]) -> Sequence[Span]:
    """The spans of a line after a clock went wrong, in the order in which they lie.

    One that is still to come begins where the one before it ends, or now; none begins before the instant that
    `not_before` has for its id; what is in the way of that moves back. Nothing gets shorter.
    """
    laid: list[Span] = []
    last_end = None
    for span in spans:
        start = span.start if span.start <= now else last_end or now
        start = max(start, not_before.get(span.id, start), last_end or start)
        if span.end > span.start:
            last_end = start + (span.end - span.start)
            laid.append(Span(span.id, start, last_end))
        else:
            laid.append(span)
    return laid
