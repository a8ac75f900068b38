"""Which payments have no days in an access."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from billing_service.legacy.lost_days import lost_of

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Paid:
    paid_at: datetime
    days: int


def at(day: float) -> datetime:
    return JANUARY + timedelta(days=day)


@pytest.mark.parametrize(
    ("payments", "ends", "lost", "beside"),
    [
        ([(0, 30)], 30, [], 0),
        ([(0, 30)], 30.02, [], 0),
        ([(0, 30), (0.001, 30)], 60, [], 0),
        # Two at one moment, one month given.
        ([(0, 30), (0, 30)], 30, [1], 0),
        ([(0, 365), (0, 30)], 365, [1], 0),
        # Bought again after the first was over, and nothing came of it: the first had its days.
        ([(0, 30), (150, 30)], 30, [1], 0),
        # A pause between two is no loss.
        ([(0, 30), (150, 30)], 180, [], 0),
        # And hides none behind it.
        ([(0, 30), (150, 30), (150, 30)], 180, [2], 0),
        # Dates edited by hand.
        ([(0, 30)], 400, [], 0),
        ([(0, 30)], 20, [], 10),
        ([(0, 365)], -23, [0], 0),
        ([(0, 30), (1, 30)], None, [0, 1], 0),
    ],
)
def test_what_was_paid_and_is_in_no_access(
    payments: list[tuple[float, int]], ends: float | None, lost: list[int], beside: float
) -> None:
    paid = [Paid(at(day), days) for day, days in payments]

    found = lost_of(paid, None if ends is None else at(ends))

    assert list(found.places) == lost
    assert found.beside == timedelta(days=beside)
