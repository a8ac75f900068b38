"""How a stretch of days is cut into steps."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

DAY = timedelta(days=1)


class Step(StrEnum):
    """A week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Days(NamedTuple):
    """From the first day to the last one, both included."""

    first: date
    last: date


def cut(days: Days, step: Step) -> Iterator[Days]:
    """The steps of these days, end to end; the first and the last one may be shorter. None where the last day lies
    before the first."""
    first = days.first
    while first <= days.last:
        last = min(_last_of(first, step), days.last)
        yield Days(first, last)
        if last == date.max:
            return
        first = last + DAY


def _last_of(day: date, step: Step) -> date:
    """The last day of the step in which this day lies, or of all days."""
    try:
        if step is Step.WEEK:
            return day + timedelta(days=6 - day.weekday())
        if step is Step.MONTH:
            return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - DAY
    except OverflowError:
        return date.max
    return day
