"""Money and access in plain Python, as the documentation words them: one user after the other, no lock, no database.

Days wait in a line and are used up one second after the other. What goes back of a payment takes of its own days, from
what nobody has used yet. A proof compares the real thing with this after every step.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

NOTHING = timedelta(0)
PRICES = {"PRO_MONTHLY": (30, Decimal("299.00")), "PRO_YEARLY": (365, Decimal("2490.00"))}


@dataclass
class Days:
    """So much time of a plan. `begins`: when the first of it was used, None as long as nobody has."""

    plan: str
    left: timedelta
    used: timedelta = NOTHING
    begins: datetime | None = None

    def take(self, by: timedelta) -> timedelta:
        taken = min(by, self.left)
        self.left -= taken
        return taken


@dataclass(frozen=True)
class Span:
    begins: datetime
    ends: datetime


@dataclass
class Line:
    """All days of one user, in the order in which they were given."""

    now: datetime
    days: list[Days] = field(default_factory=list)

    def add(self, days: Days) -> Days:
        self.days.append(days)
        return days

    def pass_time(self, until: datetime) -> None:
        for one in self.days:
            spent = min(one.left, until - self.now)
            if spent > NOTHING:
                one.begins = one.begins or self.now
                one.left, one.used = one.left - spent, one.used + spent
                self.now += spent
        self.now = until

    def plan(self) -> str:
        return next((one.plan for one in self.days if one.left), "FREE")

    def ends(self) -> datetime:
        """When access ends, now if there is none."""
        return self.now + sum((one.left for one in self.days), NOTHING)

    def spans(self) -> Iterator[Span | None]:
        """Where each lies on the calendar; None for those of which nothing was used and nothing is left."""
        at = self.now
        for one in self.days:
            begins = one.begins or at
            ends = begins + one.used + one.left
            at = ends if one.left else at
            yield Span(begins, ends) if ends > begins else None


@dataclass
class Return:
    """Money that went back of a sale at the provider. `access` is None unless somebody stated it."""

    id: str
    amount: Decimal
    access: str | None
    is_known: bool = False
    is_applied: bool = False


@dataclass
class Sale:
    """A payment that was paid at the provider. `bought`: its days, once we have heard that it was paid."""

    user: int
    plan: str
    payment_id: str
    object_id: str
    made_at: datetime
    bought: Days | None = None
    returns: list[Return] = field(default_factory=list)

    @property
    def price(self) -> Decimal:
        return PRICES[self.plan][1]

    def returned(self) -> Decimal:
        return _sum(self.returns)

    def known(self) -> Decimal:
        """What we have heard of."""
        return _sum([one for one in self.returns if one.is_known])

    def applied(self) -> Decimal:
        return _sum([one for one in self.returns if one.is_applied])


@dataclass(frozen=True)
class Configured:
    """What a refund does to access of which nobody said what it should do."""

    full: str
    partial: str


@dataclass
class Model:
    configured: Configured
    lines: dict[int, Line]

    def pass_time(self, until: datetime) -> None:
        for line in self.lines.values():
            line.pass_time(until)

    def hear_of_payment(self, sale: Sale, returns: Sequence[Return]) -> None:
        """An answer that says it was paid, and that so much of it went back."""
        if sale.bought is None:
            days, _ = PRICES[sale.plan]
            sale.bought = self.lines[sale.user].add(Days(sale.plan, timedelta(days=days)))
        for one in returns:
            one.is_known = True
        self._apply(sale)

    def hear_of_return(self, sale: Sale, one: Return) -> None:
        one.is_known = True
        self._apply(sale)

    def _apply(self, sale: Sale) -> None:
        """What we know of takes its access once the payment has given it, the oldest first, each once."""
        for one in sale.returns:
            if sale.bought and one.is_known and not one.is_applied:
                is_full = sale.applied() + one.amount >= sale.price
                access = one.access or (self.configured.full if is_full else self.configured.partial)
                sale.bought.take(self._longest(sale, access, one.amount))
                one.is_applied = True

    def _longest(self, sale: Sale, access: str, amount: Decimal) -> timedelta:
        days, price = PRICES[sale.plan]
        whole = days * 86400
        seconds = {"keep": 0, "cut_prorata": int(100 * amount) * whole // int(100 * price), "cut_all": whole}
        return timedelta(seconds=seconds[access])

    def refusal(self, sale: Sale, amount: Decimal | None, access: str | None) -> str | None:
        """Why an operator's wish is refused; None if it is not. Without an amount all is meant that we know is left."""
        left = sale.price - sale.known()
        wished = left if amount is None else amount
        if sale.bought is None:
            return "NOT_REFUNDABLE"
        if wished > left or not left:
            return "REFUND_TOO_LARGE"
        if access == "cut_all" and wished < left:
            return "ACCESS_EXCEEDS_REFUND"
        return "YOOKASSA_REJECTED" if wished > sale.price - sale.returned() else None


def _sum(returns: Sequence[Return]) -> Decimal:
    return sum((one.amount for one in returns), Decimal("0.00"))
