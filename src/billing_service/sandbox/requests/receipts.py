"""What a receipt must look like under 54-FZ, as a live shop with fiscalisation enforces it."""

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from billing_service.sandbox.model.errors import Refused
from billing_service.sandbox.model.objects import Money
from billing_service.sandbox.model.records import AskedReceipt
from billing_service.sandbox.requests import fields
from billing_service.sandbox.requests.fields import Body
from billing_service.sandbox.requests.receipt_codes import MEASURES, MODES, SUBJECTS, TAX_SYSTEMS, VAT_CODES

# The provider's own receipt service: an e-mail and the describing words are needed, fewer items fit.
OWN_SERVICE = "yoo_receipt"
_DESCRIBING = {"payment_subject": SUBJECTS, "payment_mode": MODES, "measure": MEASURES}
_MOST_ITEMS = {OWN_SERVICE: 80}
_MOST_ITEMS_ELSEWHERE = 100
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"[0-9]{4,15}")
_MOST_QUANTITY = Decimal("99999.999")
_CENT = Decimal("0.01")


def malformed(parameter: str) -> Refused:
    return Refused("Receipt is malformed", parameter=parameter)


def read_receipt(body: Body, *, provider: str, amount: Money) -> AskedReceipt | None:
    """The receipt that goes along with this amount; None when there is none. Refuses a bad or unequal one."""
    receipt = body.get("receipt")
    if receipt is None:
        return None
    if not isinstance(receipt, dict):
        raise malformed("receipt")
    asked = read_items(receipt, provider=provider, currency=amount.currency, prefix="receipt.")
    if asked.total != amount.value:
        raise malformed("receipt.items")
    return asked


def read_items(receipt: Body, *, provider: str, currency: str, prefix: str = "") -> AskedReceipt:
    _check_customer(receipt, provider, prefix)
    items = receipt.get("items")
    most = _MOST_ITEMS.get(provider, _MOST_ITEMS_ELSEWHERE)
    if not isinstance(items, list) or not 1 <= len(items) <= most:
        raise malformed(f"{prefix}items")
    total = sum(
        (_check_item(item, provider, currency, f"{prefix}items[{n}]") for n, item in enumerate(items)),
        Decimal("0.00"),
    )
    code = receipt.get("tax_system_code")
    if code is not None and not (isinstance(code, int) and code in TAX_SYSTEMS):
        raise malformed(f"{prefix}tax_system_code")
    return AskedReceipt(items=items, total=total, tax_system_code=code)


def _check_customer(receipt: Body, provider: str, prefix: str) -> None:
    """An e-mail or a phone in digits; the provider's own service sends by e-mail only."""
    customer = receipt.get("customer")
    if not isinstance(customer, dict):
        customer = {name: receipt[name] for name in ("email", "phone") if name in receipt}
    email, phone = customer.get("email"), customer.get("phone")
    if email is not None and not (isinstance(email, str) and len(email) <= 254 and _EMAIL.fullmatch(email)):
        raise malformed(f"{prefix}customer.email")
    if phone is not None and not (isinstance(phone, str) and _PHONE.fullmatch(phone)):
        raise malformed(f"{prefix}customer.phone")
    if email is None and (provider == OWN_SERVICE or phone is None):
        raise malformed(f"{prefix}customer.email")


def _check_item(item: object, provider: str, currency: str, place: str) -> Decimal:
    """What this line costs in all."""
    if not isinstance(item, dict):
        raise malformed(place)
    if not 1 <= len(str(item.get("description") or "")) <= 128:
        raise malformed(f"{place}.description")
    _check_codes(item, provider, place)
    price = fields.money(item, "amount", described="Receipt is malformed", smallest=Decimal("0.00"))
    if price.currency != currency:
        raise malformed(f"{place}.amount.currency")
    quantity = _quantity(item, place)
    return (price.value * quantity).quantize(_CENT, ROUND_HALF_UP)


def _check_codes(item: Body, provider: str, place: str) -> None:
    """The rate always; what describes the item is needed by the provider's own service only: the documentation's
    examples for other registers go without (July 2026)."""
    if str(item.get("vat_code")) not in VAT_CODES:
        raise malformed(f"{place}.vat_code")
    for name, words in _DESCRIBING.items():
        word = item.get(name)
        if not fields.is_one_of(word, words) and (word is not None or provider == OWN_SERVICE):
            raise malformed(f"{place}.{name}")


def _quantity(item: Body, place: str) -> Decimal:
    """A number, or the string that the official SDK sends, above zero and with three decimals at most."""
    written = item.get("quantity")
    if isinstance(written, bool) or not isinstance(written, int | float | str):
        raise malformed(f"{place}.quantity")
    try:
        quantity = Decimal(str(written))
    except InvalidOperation as error:
        raise malformed(f"{place}.quantity") from error
    if not quantity.is_finite() or not 0 < quantity <= _MOST_QUANTITY:
        raise malformed(f"{place}.quantity")
    if quantity != quantity.quantize(Decimal("0.001")):
        raise malformed(f"{place}.quantity")
    return quantity
