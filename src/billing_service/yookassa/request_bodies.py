"""The requests that YooKassa is sent, as bytes: made once, kept beside their idempotence key, repeated as they are."""

import json
from collections.abc import Mapping
from decimal import Decimal

from pydantic import SecretStr

from billing_service.kit.money import to_wire
from billing_service.yookassa.schemas import CARD


def new_payment_body(
    *,
    amount: Decimal,
    currency: str,
    description: str,
    return_url: str,
    metadata: Mapping[str, str],
    save_payment_method: bool = False,
    receipt: Mapping[str, object] | None = None,
) -> bytes:
    """The request for a one-stage payment, confirmed on the provider's own page; what is paid with is kept there to be
    charged again only if that is said. A shop that fiscalises needs a `receipt`.

    The same arguments always give the same bytes. Keep them beside the idempotence key and send exactly them
    again: the provider refuses a key that comes with another body. The description is cut to the 128
    characters the provider takes; an amount or metadata it would not take raise ValueError.
    """
    _check_metadata(metadata)
    request: dict[str, object] = {
        "amount": {"value": to_wire(amount), "currency": currency},
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": return_url},
        "description": description[:128],
        "metadata": dict(metadata),
        "save_payment_method": save_payment_method,
    }
    return _bytes_of(request | ({"receipt": receipt} if receipt else {}))


def customer_in(body: bytes) -> Mapping[str, str] | None:
    """Where the receipt of a request goes; None if it has none."""
    customer: Mapping[str, str] | None = json.loads(body).get("receipt", {}).get("customer")
    return customer


def without_saving(body: bytes, *, metadata: Mapping[str, str]) -> bytes:
    """The same request, but nothing is kept; `metadata` replaces what it names of the other's."""
    request = json.loads(body)
    request["save_payment_method"] = False
    request["metadata"] |= metadata
    return _bytes_of(request)


def new_charge_body(
    *,
    amount: Decimal,
    currency: str,
    description: str,
    method_id: SecretStr,
    metadata: Mapping[str, str],
    receipt: Mapping[str, object] | None = None,
) -> bytes:
    """The request to charge a kept method without its owner being there: nobody confirms it. Keep the bytes, as with
    `new_payment_body`."""
    _check_metadata(metadata)
    request: dict[str, object] = {
        "amount": {"value": to_wire(amount), "currency": currency},
        "capture": True,
        "payment_method_id": method_id.get_secret_value(),
        "description": description[:128],
        "metadata": dict(metadata),
    }
    return _bytes_of(request | ({"receipt": receipt} if receipt else {}))


def new_binding_body(*, return_url: str, metadata: Mapping[str, str]) -> bytes:
    """The request to keep a card without a payment, confirmed on the provider's own page. Keep the bytes, as with
    `new_payment_body`."""
    _check_metadata(metadata)
    return _bytes_of(
        {
            "type": CARD,
            "confirmation": {"type": "redirect", "return_url": return_url},
            "metadata": dict(metadata),
        }
    )


def new_refund_body(
    *,
    payment_id: str,
    amount: Decimal,
    currency: str,
    description: str,
    metadata: Mapping[str, str],
    receipt: Mapping[str, object] | None = None,
) -> bytes:
    """The request to send all or a part of a payment back; `payment_id` is the provider's.

    As with `new_payment_body` the same arguments always give the same bytes, to be kept and sent again as they are. The
    description is cut to the 250 characters the provider takes. A shop that fiscalises needs a `receipt` for a part.
    """
    _check_metadata(metadata)
    request: dict[str, object] = {
        "payment_id": payment_id,
        "amount": {"value": to_wire(amount), "currency": currency},
        "description": description[:250],
        "metadata": dict(metadata),
    }
    return _bytes_of(request | ({"receipt": receipt} if receipt else {}))


def _bytes_of(request: Mapping[str, object]) -> bytes:
    return json.dumps(request, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _check_metadata(metadata: Mapping[str, str]) -> None:
    if len(metadata) > 16:
        raise ValueError("metadata takes at most 16 keys")
    for key, value in metadata.items():
        if len(key) > 32 or len(value) > 512:
            raise ValueError(f"metadata takes keys of 32 and values of 512 characters at most: {key[:32]}")
