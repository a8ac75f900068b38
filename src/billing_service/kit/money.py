"""Money: roubles, a `Decimal` with two places in here, "299.00" on the wire; no floats, no kopecks."""

import re
from decimal import Decimal

KOPECK = Decimal("0.01")
LARGEST = Decimal("9999999999.99")
"""What a NUMERIC(12, 2) column holds."""

_WIRE = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")


def two_places(amount: Decimal) -> Decimal:
    """The same amount written with exactly two places, 0.00 to 9999999999.99.

    A value that would have to be rounded, a negative one and one that is no number raise ValueError, anything
    but a Decimal TypeError: rounding money is a decision, and it is not taken here.
    """
    if not isinstance(amount, Decimal):
        raise TypeError(f"money is a Decimal, not {type(amount).__name__}")
    if not amount.is_finite() or amount.is_signed() or amount > LARGEST:
        raise ValueError(f"not an amount of money: {amount}")
    exact = amount.quantize(KOPECK)
    if exact != amount:
        raise ValueError(f"money has two places: {amount}")
    return exact


def to_wire(amount: Decimal) -> str:
    """`Decimal("299")` as "299.00". Refuses what `two_places` refuses."""
    return f"{two_places(amount):f}"


def from_wire(text: str) -> Decimal:
    """The Decimal that "299.00" means, with two places. A sign, an exponent, a third place: ValueError."""
    if not _WIRE.fullmatch(text):
        raise ValueError("not an amount of money")
    return Decimal(text).quantize(KOPECK)
