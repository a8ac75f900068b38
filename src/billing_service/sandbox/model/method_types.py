"""The ways to pay: limits, how long a payer has, second stage, return, saving; one row each.

Source: the provider's page of each method (yookassa.ru/developers, «Способы оплаты», July 2026) and its page on
refunds. Where a page names a range (a wallet's level, an operator's limit), the widest value stands here; Alfa
Pay's page names no limits, so it has those of the other banks' buttons.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class MethodType:
    """What holds for payments of one type. Amounts are in roubles.

    `life` is how long the payer has, None without end; `longer_lives` gives amounts from a sum on more time.
    `hold` is how long the shop has to capture, None where there is no second stage. `refundable_for` counts from
    the payment's creation, None where nothing goes back through the API.
    """

    least: Decimal = Decimal(1)
    most: Decimal = Decimal(700_000)
    life: timedelta | None = HOUR
    longer_lives: tuple[tuple[Decimal, timedelta], ...] = ()
    hold: timedelta | None = 7 * DAY
    partial_capture: bool = True
    refundable_for: timedelta | None = 3 * YEAR
    storable: bool = False
    carries_receipt: bool = True

    def allows(self, amount: Decimal) -> bool:
        return self.least <= amount <= self.most

    def life_of(self, amount: Decimal) -> timedelta | None:
        """How long a payment of this amount waits for its payer."""
        longer = [life for start, life in self.longer_lives if amount >= start]
        return longer[-1] if longer else self.life


# What holds while the payer still may choose.
UNDECIDED = MethodType()

METHOD_TYPES = {
    "bank_card": MethodType(most=Decimal(350_000), storable=True),
    "yoo_money": MethodType(most=Decimal(250_000), storable=True),
    "sbp": MethodType(hold=None, storable=True),
    "sberbank": MethodType(refundable_for=YEAR, storable=True),
    "tinkoff_bank": MethodType(storable=True),
    "alfa_pay": MethodType(hold=None, refundable_for=500 * DAY),
    # Since September 2025 a large loan has days of cooling off, and its payment waits for them.
    "sber_loan": MethodType(
        least=Decimal(3_000),
        most=Decimal(1_500_000),
        life=8 * HOUR,
        longer_lives=((Decimal(50_000), 28 * HOUR), (Decimal("200000.01"), 72 * HOUR)),
        hold=2 * HOUR,
    ),
    "sber_bnpl": MethodType(least=Decimal(1_000), most=Decimal(150_000)),
    "mobile_balance": MethodType(
        least=Decimal(10), most=Decimal(15_000), hold=6 * HOUR, partial_capture=False
    ),
    "cash": MethodType(
        most=Decimal(100_000), life=None, hold=6 * HOUR, partial_capture=False, refundable_for=None
    ),
    "b2b_sberbank": MethodType(life=8 * HOUR, hold=None, refundable_for=None, carries_receipt=False),
    "electronic_certificate": MethodType(most=Decimal(350_000), hold=None),
}


def method_type(name: str | None) -> MethodType:
    """The row of this type; while none is chosen, what holds for any."""
    return UNDECIDED if name is None else METHOD_TYPES[name]
