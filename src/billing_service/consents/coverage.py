"""What a consent covers: the plan that it names, for the days that it names, at no higher price."""

from decimal import Decimal
from typing import NamedTuple


class Terms(NamedTuple):
    """What is paid for which days of which plan, in roubles."""

    plan_code: str
    amount: Decimal
    days: int


def covers(agreed: Terms, sold: Terms) -> bool:
    """Whether who agreed to these terms may be charged on those: the same days of the same plan for no more."""
    same = (agreed.plan_code, agreed.days) == (sold.plan_code, sold.days)
    return same and sold.amount <= agreed.amount
