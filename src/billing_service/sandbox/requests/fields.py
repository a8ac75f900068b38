"""Reading a request's body: each reader returns the value or refuses in the provider's words."""

import re
from collections.abc import Container
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from billing_service.sandbox.model.errors import Refused
from billing_service.sandbox.model.objects import Money

Body = dict[str, Any]

CURRENCIES = frozenset(["RUB", "EUR", "USD", "KZT", "BYN", "UAH", "UZS", "TRY", "INR", "MDL", "AZN", "AMD"])
# A scheme that would run in the payer's browser; shops' apps may have any other.
SCRIPT_SCHEMES = frozenset({"javascript", "data", "vbscript"})
# One decimal place is no error: the provider's staff, issue 4 of its Python SDK.
_AMOUNT = re.compile(r"[0-9]{1,10}\.[0-9]{1,2}")
_CENT = Decimal("0.01")
_FLAGS_AS_TEXT = {"true": True, "false": False}


def is_one_of(value: object, allowed: Container[str]) -> bool:
    """Whether this is one of these words; any other JSON is not."""
    return isinstance(value, str) and value in allowed


def illegal(parameter: str) -> Refused:
    return Refused("Invalid request parameter", parameter=parameter)


def money(
    body: Body,
    name: str,
    *,
    described: str = "Payment amount is illegal",
    smallest: Decimal = Decimal("0.01"),
) -> Money:
    """An amount: a string with a dot and one place or two, and a currency the provider knows."""
    amount = body.get(name)
    if not isinstance(amount, dict):
        raise Refused(described, parameter=name)
    value, currency = amount.get("value"), amount.get("currency")
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value) or Decimal(value) < smallest:
        raise Refused(described, parameter=f"{name}.value")
    if not is_one_of(currency, CURRENCIES):
        raise Refused("Currency code is illegal", parameter=f"{name}.currency")
    return Money(value=Decimal(value).quantize(_CENT), currency=currency)


def payment_money(body: Body) -> Money:
    """What a payment or its capture is about: one rouble at least."""
    return money(body, "amount", smallest=Decimal("1.00"))


def text(body: Body, name: str, *, most: int, too_long: str = "Invalid request parameter") -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise illegal(name)
    if len(value) > most:
        raise Refused(too_long, parameter=name)
    return value


def needed_text(body: Body, name: str, *, most: int) -> str:
    value = text(body, name, most=most)
    if not value:
        raise illegal(name)
    return value


def flag(body: Body, name: str, *, as_text: bool) -> bool | None:
    """Yes or no. `as_text`: the words "true" and "false" are read too, as the documentation's examples send them."""
    value = body.get(name)
    if as_text and isinstance(value, str):
        value = _FLAGS_AS_TEXT.get(value, value)
    if value is not None and not isinstance(value, bool):
        raise illegal(name)
    return value


def section(body: Body, name: str) -> Body | None:
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise illegal(name)
    return value


def metadata(body: Body) -> dict[str, str]:
    """At most 16 keys of 32 characters with values of 512, all strings."""
    pairs = section(body, "metadata") or {}
    if len(pairs) > 16:
        raise Refused("Metadata object is limited to 16 keys", parameter="metadata")
    for key, value in pairs.items():
        if len(key) > 32 or not isinstance(value, str) or len(value) > 512:
            raise illegal(f"metadata.{key}"[:64])
    return dict(pairs)


def return_url(body: Body, *, most: int = 2048) -> str:
    value = body.get("return_url")
    if not isinstance(value, str) or not value:
        raise Refused("Return url is missing", parameter="confirmation.return_url")
    if len(value) > most or not _leads_somewhere(value):
        raise illegal("confirmation.return_url")
    return value


def _leads_somewhere(url: str) -> bool:
    if not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path)) and parts.scheme not in SCRIPT_SCHEMES
