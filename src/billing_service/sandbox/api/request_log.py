"""The log of calls received: what was asked and answered, never with credentials or card data."""

from typing import Any

from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.state import LoggedRequest

KEPT_LINES = 1000
_CARD_DATA = frozenset({"number", "csc", "cvc", "cardholder", "payment_token", "payment_data"})
Json = dict[str, Any]


def open_line(yookassa: Yookassa, method: str, path: str, query: dict[str, str]) -> LoggedRequest:
    """A line in the log, to be completed while the call is answered. Old lines go."""
    line = LoggedRequest(
        at=yookassa.now,
        operation=None,
        method=method,
        path=path,
        query=query,
        idempotence_key=None,
        body=None,
        status=None,
    )
    yookassa.state.requests.append(line)
    del yookassa.state.requests[:-KEPT_LINES]
    return line


def without_cards(body: Json) -> Json:
    """The same body with card data blotted out, however deep it lies."""
    return {name: "***" if name in _CARD_DATA else _blotted(inner) for name, inner in body.items()}


def _blotted(inner: object) -> object:
    if isinstance(inner, dict):
        return without_cards(inner)
    if isinstance(inner, list):
        return [_blotted(each) for each in inner]
    return inner
