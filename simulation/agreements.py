"""What each user has agreed to be charged for, and gone through with: to this each charge of him is held."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

# Two moments so close may be the other way round by a clock that errs.
CLOCKS = timedelta(minutes=20)
# A payment that the service was not told of is found after so long at the latest.
FOUND_AFTER = timedelta(days=2)


@dataclass
class Agreement:
    """Said between `first` and `last`. `plan` is None for the plan that he had agreed to before. `page`: it counts once
    this payment is paid. `is_sure`: nothing was lost of it, and nothing of his taken back since."""

    user: int
    plan: str | None
    first: datetime
    last: datetime
    page: str | None = None
    is_sure: bool = True
    over_at: datetime | None = None

    def stood_until(self, at: datetime) -> bool:
        return self.over_at is None or at <= self.over_at


class Agreements:
    """Of all users. `paid_at` tells when a payment was paid at the provider, None if it was not."""

    def __init__(self) -> None:
        self._given: list[Agreement] = []

    def add(self, given: Agreement) -> None:
        """A page that is handed out again is one agreement."""
        for known in self._given:
            if given.page is not None and known.page == given.page:
                known.last = max(known.last, given.last)
                known.is_sure = known.is_sure and given.is_sure
                return
        self._given.append(given)

    def end(self, users: Collection[int], at: datetime) -> None:
        """All that was given until now is taken back by a refusal."""
        for given in self._given:
            if given.user in users and given.over_at is None:
                given.over_at = at

    def doubt(self, users: Collection[int]) -> None:
        """One of them was taken back, whichever."""
        for given in self._given:
            if given.user in users:
                given.is_sure = False

    def that_cover(
        self,
        users: Collection[int],
        plan: str,
        *,
        at: datetime,
        paid_at: Callable[[str], datetime | None],
    ) -> Iterator[Agreement]:
        """Those under which this plan may be charged: gone through with, not over by a refusal, and none of
        another plan certainly newer than it."""
        counts: dict[int, datetime] = {}
        his = [given for given in self._given if given.user in users and given.stood_until(at)]
        for given in his:
            since = given.last if given.page is None else paid_at(given.page)
            if since is not None and since <= at:
                counts[id(given)] = since if given.page is None else since + FOUND_AFTER
        his = [given for given in his if id(given) in counts]
        outdone = [
            given.first
            for given in his
            if given.is_sure and given.plan not in {None, plan} and counts[id(given)] + CLOCKS < at
        ]
        for given in his:
            if given.plan in {None, plan} and not any(first > given.last + CLOCKS for first in outdone):
                yield given
