"""What the provider stamps tells whether the database's clock may be believed."""

from datetime import UTC, datetime, timedelta

import pytest

from billing_service.provider_calls.clocks import behind_by

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("sent", "created", "told", "behind"),
    [
        # (first sent, created there, told there) before now -> by how much we are behind
        (0 * MINUTE, 0 * MINUTE, 0 * MINUTE, 0 * MINUTE),
        (30 * MINUTE, 30 * MINUTE, 5 * MINUTE, 0 * MINUTE),
        (1 * MINUTE, 0 * MINUTE, -1 * MINUTE, 0 * MINUTE),
        (0 * MINUTE, 1 * MINUTE, 0 * MINUTE, 0 * MINUTE),
        # Paid twenty hours ago and found now.
        (1300 * MINUTE, 1300 * MINUTE, 1200 * MINUTE, 0 * MINUTE),
        # It says that it was taken in two hours.
        (1 * MINUTE, 1 * MINUTE, -120 * MINUTE, 120 * MINUTE),
        # It was made before we sent it.
        (0 * MINUTE, 120 * MINUTE, 120 * MINUTE, -120 * MINUTE),
        (None, 120 * MINUTE, 120 * MINUTE, 0 * MINUTE),
    ],
)
def test_a_clock_is_doubted_when_things_happen_before_their_cause(
    sent: timedelta | None, created: timedelta, told: timedelta, behind: timedelta
) -> None:
    first_sent_at = None if sent is None else NOW - sent

    found = behind_by(now=NOW, first_sent_at=first_sent_at, created_at=NOW - created, told_at=NOW - told)

    assert found == behind
