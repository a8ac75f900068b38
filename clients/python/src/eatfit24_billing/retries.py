"""When a call is made again: pure."""

import random
import time
from dataclasses import dataclass, field

from eatfit24_billing.errors import BillingError, NotReached, Refused

TOO_MANY = 429
# A 500 is a fault of the service, which asking again repeats.
PASSING = {502, 503, 504}


@dataclass(frozen=True)
class Retries:
    """At most `attempts`, none begun later than `within` seconds after the first; `within=0` never tries again."""

    attempts: int = 4
    within: float = 20.0
    first_wait: float = 0.2


@dataclass
class Tries:
    """The tries of one call."""

    bounds: Retries
    made: int = 0
    began: float = field(default_factory=time.monotonic)

    def wait_after(self, failure: BillingError, *, safe: bool) -> float | None:
        """Seconds until the next try, or None: there is none. `safe`: nothing happens twice if it was done already."""
        self.made += 1
        if self.made >= self.bounds.attempts or not _may_be_made_again(failure, safe=safe):
            return None
        wait = failure.retry_after if failure.retry_after is not None else self._backoff()
        return wait if time.monotonic() - self.began + wait <= self.bounds.within else None

    def _backoff(self) -> float:
        return self.bounds.first_wait * 2.0 ** (self.made - 1) * random.uniform(0.5, 1.5)  # noqa: S311 (no secret)


def _may_be_made_again(failure: BillingError, *, safe: bool) -> bool:
    if isinstance(failure, Refused):  # what was refused for its rate has not been done, whatever it is
        return failure.status == TOO_MANY and failure.retry_after is not None
    if isinstance(failure, NotReached):
        return True
    return safe and (failure.status is None or failure.status in PASSING)
