"""Which payments have no days in an access, by what the old service remembered of it: its last end."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

DAY = timedelta(hours=24)
# A job of the old service took its time between the payment and the days.
ABOUT = timedelta(hours=1)


class Paid(Protocol):
    """Money that came for days."""

    @property
    def days(self) -> int: ...
    @property
    def paid_at(self) -> datetime: ...


class Lost(NamedTuple):
    """By their places, the payments whose days are nowhere; and what is missing beside them, if not next to nothing."""

    places: Sequence[int]
    beside: timedelta


def lost_of(payments: Sequence[Paid], ends: datetime | None) -> Lost:
    """`payments` the oldest first; `ends` is when the access ended there, None if there was none.

    What was paid after the end has no days in it. What was paid before lies end to end; where that goes further than
    the end, the newest of them that fit into the gap are the lost ones.
    """
    late = [place for place, one in enumerate(payments) if ends is None or one.paid_at > ends]
    if ends is None:
        return Lost(late, timedelta(0))
    reached, early = None, range(len(payments) - len(late))
    for place in early:
        paid = payments[place]
        reached = max(reached or paid.paid_at, paid.paid_at) + paid.days * DAY
    missing = reached - ends if reached else timedelta(0)
    fitting = []
    for place in reversed(early):
        if payments[place].days * DAY <= missing + ABOUT:
            fitting.append(place)
            missing -= payments[place].days * DAY
    return Lost([*sorted(fitting), *late], missing if missing > ABOUT else timedelta(0))
