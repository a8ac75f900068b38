"""What stands in a receipt: one item, frozen with the sale, so that a return repeats it."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from billing_service.kit.money import to_wire
from billing_service.receipts.contact import Contact

LONGEST_DESCRIPTION = 128


class Item(NamedTuple):
    """What was sold, and how it is taxed; kept in the columns `receipt_…` of its payment."""

    description: str
    vat_code: int
    tax_system_code: int | None
    subject: str
    mode: str


def vat_code_on(codes: Sequence[tuple[date, int]], day: date) -> int:
    """The code that holds on this day in Moscow; before the first one, the first."""
    holding = [code for begins, code in codes if begins <= day]
    return holding[-1] if holding else codes[0][1]


def block(contact: Contact, item: Item, *, amount: Decimal, currency: str) -> Mapping[str, object]:
    """The `receipt` of a request for this sum (docs of YooKassa: «Параметры чека»)."""
    sold = {
        "description": item.description[:LONGEST_DESCRIPTION],
        "quantity": 1,
        "amount": {"value": to_wire(amount), "currency": currency},
        "vat_code": item.vat_code,
        "payment_subject": item.subject,
        "payment_mode": item.mode,
        "measure": "piece",
    }
    told = {"customer": contact.customer, "items": [sold]}
    return told if item.tax_system_code is None else told | {"tax_system_code": item.tax_system_code}
