"""How long a failed delivery waits before its next try, and when nobody tries any more."""

import random
from datetime import timedelta

PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
)
GIVE_UP_AFTER = timedelta(days=4)
# So that a receiver that comes back is not met by everybody at once.
SPREAD = 0.25
LONGEST_PAUSE = PAUSES[-1] * (1 + SPREAD)


def pause_after(attempt: int) -> timedelta:
    """After the first, second, … failed try; from the sixth on an hour, each give or take a quarter."""
    pause = PAUSES[min(attempt, len(PAUSES)) - 1]
    return pause * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311 (nobody gains by guessing it)
