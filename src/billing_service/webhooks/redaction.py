"""What of a notification may be kept: enough to know what it was about, nothing of the payer or the card."""

import re
from collections.abc import Mapping
from typing import Any

from billing_service.web.errors.requests import InvalidPayload

# The provider's words have no digits (but "3d_secure_failed"), so no number and no id fits; only its keys begin with
# live_ and test_.
WORD = re.compile(r"(?=.{1,40}\Z)(?!live_|test_)(3d_)?[a-z]+([._][a-z]+)*")
OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MONEY = re.compile(r"[0-9]{1,7}\.[0-9]{2}")
CURRENCY = re.compile(r"[A-Z]{3}")


def redact(notification: object) -> dict[str, Any]:
    """Type, event, object id, status, amount, refund link, cancellation and method type; all else is dropped.

    A kept field must also look like what it claims to be, so that nothing hides in it. Raises `InvalidPayload` for
    what has no event, no object, or an object without a readable id.
    """
    if not isinstance(notification, dict) or notification.get("type") != "notification":
        raise InvalidPayload
    event, thing = notification.get("event"), notification.get("object")
    if not _fits(WORD, event) or not isinstance(thing, dict) or not _fits(OBJECT_ID, thing.get("id")):
        raise InvalidPayload
    kept = {"id": thing["id"]}
    kept |= _keep(thing, status=WORD, payment_id=OBJECT_ID)
    for part, shapes in {
        "amount": {"value": MONEY, "currency": CURRENCY},
        "cancellation_details": {"party": WORD, "reason": WORD},
        "payment_method": {"type": WORD},
    }.items():
        if isinstance(thing.get(part), dict) and (inner := _keep(thing[part], **shapes)):
            kept[part] = inner
    return {"type": "notification", "event": event, "object": kept}


def _keep(source: Mapping[str, object], **shapes: re.Pattern[str]) -> dict[str, Any]:
    return {name: source[name] for name, shape in shapes.items() if _fits(shape, source.get(name))}


def _fits(shape: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and shape.fullmatch(value) is not None
