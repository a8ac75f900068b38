"""The provider's clock is the only other one at hand: what it stamps tells whether the database's may be believed."""

from datetime import datetime, timedelta

from billing_service.kit.clock import AGREE_WITHIN


def behind_by(
    *, now: datetime, first_sent_at: datetime | None, created_at: datetime, told_at: datetime
) -> timedelta:
    """By how much the database's clock is behind the provider's, below 0 if it was ahead; 0 while they may agree.

    An object is created after its request left, and nothing is told before it happened: `told_at` is the latest thing
    that the provider says of it.
    """
    if told_at - now > AGREE_WITHIN:
        return told_at - now
    if first_sent_at is not None and first_sent_at - created_at > AGREE_WITHIN:
        return created_at - first_sent_at
    return timedelta(0)
