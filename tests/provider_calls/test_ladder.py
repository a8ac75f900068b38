"""How often an open payment is asked about."""

from datetime import timedelta

import pytest

from billing_service.provider_calls.ladder import wait_before_next


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(0), timedelta(seconds=30)),
        (timedelta(minutes=9, seconds=59), timedelta(seconds=30)),
        (timedelta(minutes=10), timedelta(minutes=1)),
        (timedelta(minutes=74), timedelta(minutes=1)),
        (timedelta(hours=5), timedelta(minutes=10)),
        (timedelta(hours=20), timedelta(hours=1)),
        (timedelta(days=400), timedelta(hours=12)),
    ],
)
def test_the_older_a_payment_the_longer_the_wait(age: timedelta, wait: timedelta) -> None:
    assert wait_before_next(age) == wait


def test_while_a_link_can_be_paid_a_lost_notification_costs_a_minute_at_most() -> None:
    ages = [timedelta(seconds=seconds) for seconds in range(0, 65 * 60, 10)]

    assert max(wait_before_next(age) for age in ages) <= timedelta(minutes=1)
