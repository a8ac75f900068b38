"""When a subscription is charged next at the earliest, and how much; or what is missing: for whoever shows many users.

Whether the payer was told, and what has been tried, is known to `decision`, which decides."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from billing_service.renewals.decision import Rules


class WhyNone(StrEnum):
    """What is missing, the first of it in this order."""

    RENEWALS_OFF = "RENEWALS_OFF"
    AUTORENEW_OFF = "AUTORENEW_OFF"
    NOTHING_TO_RENEW = "NOTHING_TO_RENEW"
    CONSENT_NEEDED = "CONSENT_NEEDED"
    PAYMENT_METHOD_NEEDED = "PAYMENT_METHOD_NEEDED"


class Terms(NamedTuple):
    """What is charged, in roubles, for how many days."""

    amount: Decimal
    days: int


@dataclass(frozen=True)
class Subscribed:
    """What is known of one subscription at the instant `now`; `is_on`: this installation renews at all.

    `ends` is the end of its PRO, be it over. `agreed` are the terms of the newest consent, `on_sale` those of its plan
    as it is sold now; None without one.
    """

    rules: Rules
    now: datetime
    is_on: bool
    auto_renew: bool
    ends: datetime | None
    agreed: Terms | None
    on_sale: Terms | None
    has_method: bool

    @property
    def can_be_renewed(self) -> bool:
        """Its PRO goes on, or has ended so lately that a renewal may still be tried."""
        return self.ends is not None and self.now <= self.ends + self.rules.grace

    @property
    def is_in_grace(self) -> bool:
        """Its PRO is over, and a renewal may still be tried. That is no access."""
        is_over = self.ends is not None and self.ends <= self.now
        return self.is_on and self.auto_renew and is_over and self.can_be_renewed

    @property
    def is_covered(self) -> bool:
        """The consent covers what a renewal would charge today."""
        agreed, sold = self.agreed, self.on_sale
        return bool(agreed and sold and sold.days == agreed.days and sold.amount <= agreed.amount)


@dataclass(frozen=True)
class NextCharge:
    """So much is charged then, in roubles, not before."""

    charge_at: datetime
    amount: Decimal


def next_charge(known: Subscribed) -> NextCharge | WhyNone:
    """The next charge, not before the instant named, or the first thing that is in its way."""
    stands = (
        (WhyNone.RENEWALS_OFF, known.is_on),
        (WhyNone.AUTORENEW_OFF, known.auto_renew),
        (WhyNone.NOTHING_TO_RENEW, known.can_be_renewed),
        (WhyNone.CONSENT_NEEDED, known.is_covered),
        (WhyNone.PAYMENT_METHOD_NEEDED, known.has_method),
    )
    missing = next((why for why, is_there in stands if not is_there), None)
    if missing or known.ends is None or known.on_sale is None:
        return missing or WhyNone.NOTHING_TO_RENEW
    return NextCharge(known.ends - known.rules.window, known.on_sale.amount)
