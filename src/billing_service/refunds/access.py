"""What a refund does to the access that was paid for: stated with it, else as configured."""

from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from billing_service.subscriptions.periods import DAY, prorata


class Access(StrEnum):
    """`keep` takes nothing, `cut_prorata` the days that the money bought, `cut_all` all days, and auto-renewal.

    None of them takes time that was already used, and none takes more access than money went back.
    """

    KEEP = "keep"
    CUT_PRORATA = "cut_prorata"
    CUT_ALL = "cut_all"


def is_full(*, amount: Decimal, returned_before: Decimal, paid: Decimal) -> bool:
    """Whether nothing of the payment is left after it: 200 and then 99 of 299, the second one is full."""
    return amount + returned_before >= paid


def takes_all(access: Access, *, full: bool) -> bool:
    """Whether nothing is to be left of the days: then auto-renewal goes too, or they were charged for again next day.
    `full`: nothing is left of the payment."""
    return access is Access.CUT_ALL or (full and access is Access.CUT_PRORATA)


def longest_cut(access: Access, *, days: int, amount: Decimal, paid: Decimal) -> timedelta:
    """How much of a payment's days may be taken, however much of them is unused."""
    match access:
        case Access.KEEP:
            return timedelta(0)
        case Access.CUT_PRORATA:
            return prorata(days, returned=min(amount, paid), paid=paid)
        case Access.CUT_ALL:
            return days * DAY
