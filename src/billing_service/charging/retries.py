"""When a period is tried again after a charge that brought nothing: a few times, spaced, inside the grace."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from billing_service.charging.declines import Reaction, decline_for

# From the first try on, so that none comes closer because another one was late.
OFFSETS = (timedelta(days=1), timedelta(days=3), timedelta(days=5))
SOON = timedelta(hours=6)
MOST_TRIES = 1 + len(OFFSETS)


class Try(NamedTuple):
    """One charge of a period: when it was begun, with which method, and how it ended.

    `reason` is the provider's for one that was canceled. What it refused to create is tried again after days, what
    never reached it after hours.
    """

    at: datetime
    method_id: UUID
    status: str
    reason: str | None
    never_created: bool = False

    @property
    def reaction(self) -> Reaction:
        if self.status == "CANCELED":
            return decline_for(self.reason).reaction
        return Reaction.SOON if self.never_created else Reaction.SPACED


def next_try(tries: Sequence[Try], method_id: UUID | None) -> datetime | None:
    """Not before when the period may be tried again, with this method; None if not by itself. Oldest first.

    A method that the last try did not use may be tried at once. The caller asks only while none of them is open.
    """
    if method_id is None or len(tries) >= MOST_TRIES:
        return None
    first, last = tries[0], tries[-1]
    if method_id != last.method_id:
        return last.at
    match last.reaction:
        case Reaction.SPACED:
            return first.at + OFFSETS[len(tries) - 1]
        case Reaction.SOON:
            return last.at + SOON
        case Reaction.NEVER | Reaction.ASK:
            return None
