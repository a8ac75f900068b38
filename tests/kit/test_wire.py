"""Times on the wire are UTC and say so with a Z."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from billing_service.kit.wire import utc_text


@pytest.mark.parametrize(
    ("time", "wire"),
    [
        (datetime(2026, 11, 21, 18, 4, 11, 482000, tzinfo=UTC), "2026-11-21T18:04:11.482000Z"),
        (datetime(2026, 11, 22, 0, 0, tzinfo=timezone(timedelta(hours=3))), "2026-11-21T21:00:00Z"),
    ],
)
def test_a_time_is_written_in_utc(time: datetime, wire: str) -> None:
    assert utc_text(time) == wire


def test_what_is_written_is_read_back_as_the_same_instant() -> None:
    time = datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-11)))

    assert datetime.fromisoformat(utc_text(time)) == time
