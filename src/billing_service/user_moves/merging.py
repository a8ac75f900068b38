"""How the spans of two lines become one: nothing that is unused is lost or doubled, and no two overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing_service.subscriptions.periods import Span


@dataclass(frozen=True)
class Merged:
    """A span as it lies in the one line, and what was cut off its beginning: used beside an earlier one."""

    span: Span
    cut: timedelta


def merge(spans: Sequence[Span], now: datetime) -> Sequence[Merged]:
    """All spans of both lines, as they lie in one, in the order of their beginnings.

    Where two overlap, what is used of the later one is cut as far as the earlier one covers it; what is unused of it
    lies behind the earlier one. What is over stays over, and each has as much time ahead of it as before.
    """
    merged: list[Merged] = []
    end: datetime | None = None
    for span in sorted(spans, key=lambda one: (one.start, one.id)):
        laid = _behind(span, end, now)
        merged.append(laid)
        end = laid.span.end if end is None else max(end, laid.span.end)
    return merged


def _behind(span: Span, end: datetime | None, now: datetime) -> Merged:
    """Where a span lies, given the end of all that begins before it."""
    if span.start > now:
        start = max(end or now, now)
        return Merged(Span(span.id, start, start + (span.end - span.start)), timedelta(0))
    if end is None or end <= span.start:
        return Merged(span, timedelta(0))
    if span.end > now and end > now:
        return Merged(Span(span.id, end, end + (span.end - now)), now - span.start)
    start = min(end, span.end)
    return Merged(Span(span.id, start, span.end), start - span.start)
