"""When a subscription is charged next, and how much; or why it is not. Whoever shows it asks here."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

# A renewal may still be tried for so long after the end: who is in these days is not on FREE for it.
GRACE = timedelta(days=5)


class WhyNone(StrEnum):
    """What is missing, the first of it in this order."""

    RENEWALS_OFF = "RENEWALS_OFF"
    AUTORENEW_OFF = "AUTORENEW_OFF"
    NOTHING_TO_RENEW = "NOTHING_TO_RENEW"
    CONSENT_NEEDED = "CONSENT_NEEDED"
    PAYMENT_METHOD_NEEDED = "PAYMENT_METHOD_NEEDED"
    NOT_SCHEDULED = "NOT_SCHEDULED"


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
        return self.ends is not None and self.now <= self.ends + GRACE

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
    """The next charge, or the first thing that is in its way. This release charges nobody by itself."""
    stands = (
        (WhyNone.RENEWALS_OFF, known.is_on),
        (WhyNone.AUTORENEW_OFF, known.auto_renew),
        (WhyNone.NOTHING_TO_RENEW, known.can_be_renewed),
        (WhyNone.CONSENT_NEEDED, known.is_covered),
        (WhyNone.PAYMENT_METHOD_NEEDED, known.has_method),
    )
    return next((why for why, is_there in stands if not is_there), WhyNone.NOT_SCHEDULED)
