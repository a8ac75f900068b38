"""What the shop of a world sells, for how much and since when, as its own people know it."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

# Sold from the first day: the days and the price of each.
AT_FIRST = {"PRO_MONTHLY": (30, "299.00"), "PRO_YEARLY": (365, "2490.00")}
# What its people put on sale beside them.
ADDED = {"PRO_FORTNIGHT": (14, "179.00"), "PRO_QUARTERLY": (90, "799.00")}
DAYS = {plan: days for plan, (days, _) in (AT_FIRST | ADDED).items()}
# How often somebody wants which.
WANTED = {"PRO_MONTHLY": 5.0, "PRO_FORTNIGHT": 3.0, "PRO_YEARLY": 1.0, "PRO_QUARTERLY": 1.0}


@dataclass
class _Price:
    """`amount` is None while the plan is off sale. It may have held since `asked`, and for sure since `known`."""

    amount: Decimal | None
    asked: datetime
    known: datetime | None


@dataclass
class PriceList:
    """Every price that ever held, in the order in which they were set."""

    _of: dict[str, list[_Price]] = field(default_factory=dict)

    def ask(self, plan: str, amount: Decimal | None, at: datetime) -> None:
        """From now on it may be sold so; None takes it off sale."""
        self._of.setdefault(plan, []).append(_Price(amount, at, None))

    def know(self, plan: str, at: datetime) -> None:
        """The last thing that was asked for has been done."""
        self._of[plan][-1].known = at

    def now(self, plan: str) -> Decimal | None:
        """What was asked for last."""
        prices = self._of.get(plan, [])
        return prices[-1].amount if prices else None

    def between(self, plan: str, since: datetime, until: datetime) -> Collection[Decimal]:
        """Every price that it may have had at one moment of these; none if it was off sale all the time."""
        prices, found = self._of.get(plan, []), set()
        for number, price in enumerate(prices):
            over = next((later.known for later in prices[number + 1 :] if later.known), None)
            if price.amount is not None and price.asked <= until and (over is None or over >= since):
                found.add(price.amount)
        return found
