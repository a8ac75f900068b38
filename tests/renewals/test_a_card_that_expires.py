"""A card is good to the end of its last month; whoever charges it after that is told no by the bank."""

from datetime import UTC, datetime

import pytest

from billing_service.renewals.notices import is_over


@pytest.mark.parametrize(
    ("expires", "at", "over"),
    [
        ("2030-11", datetime(2030, 11, 30, 23, 59, tzinfo=UTC), False),
        ("2030-11", datetime(2030, 12, 1, tzinfo=UTC), True),
        ("2030-12", datetime(2030, 12, 31, 23, 59, tzinfo=UTC), False),
        ("2030-12", datetime(2031, 1, 1, tzinfo=UTC), True),
        ("2031-01", datetime(2030, 12, 31, tzinfo=UTC), False),
        ("2031-01", datetime(2031, 2, 1, tzinfo=UTC), True),
        ("2030-01", datetime(2031, 1, 15, tzinfo=UTC), True),
        ("2032-06", datetime(2031, 7, 1, tzinfo=UTC), False),
    ],
)
def test_a_card_is_over_with_the_first_day_after_its_last_month(
    expires: str, at: datetime, *, over: bool
) -> None:
    assert is_over(expires, at) is over
