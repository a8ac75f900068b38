"""How periods lie: end to end, in the order in which they were granted, with no hole and no overlap."""

from datetime import datetime, timedelta


def lay_next(last_end: datetime | None, now: datetime, days: int) -> tuple[datetime, datetime]:
    """Start and end of a new period: it begins when the last one ends, or now; a day is 24 hours."""
    start = now if last_end is None else max(last_end, now)
    return start, start + timedelta(hours=24 * days)
