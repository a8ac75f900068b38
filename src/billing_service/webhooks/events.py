"""Which events we use, and by which word we count those we leave alone."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from billing_service.kit.labels import BoundedLabels
from billing_service.payment_methods.calls import BINDINGS
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.returned import settle_payment_of, tell_of_unmatched
from billing_service.provider_calls.kinds import Kind
from billing_service.refunds.calls import REFUNDS
from billing_service.services import Services
from billing_service.web.errors.requests import InvalidPayload
from billing_service.webhooks.redaction import WORD


class Story(NamedTuple):
    """What an event is about.

    `trace` asks further about an object that fits no row of ours: True if it may fit one now, False if it is another
    system's. Raises `UnmatchedObject`, alarmed, if nobody can tell.
    """

    kind: Kind[Any, Any]
    trace: Callable[[Services, Any], Awaitable[bool]]


# What is no row of ours was recognised before it could fit none.
BINDING = Story(BINDINGS, tell_of_unmatched)
PAYMENT, REFUND = Story(PAYMENTS, tell_of_unmatched), Story(REFUNDS, settle_payment_of)
USED: Mapping[str, Story] = {
    "payment.succeeded": PAYMENT,
    "payment.canceled": PAYMENT,
    "payment.waiting_for_capture": PAYMENT,
    # One that ends canceled is never told of.
    "refund.succeeded": REFUND,
    "payment_method.active": BINDING,
}
# https://yookassa.ru/developers/using-api/webhooks: what a shop can be told besides.
UNUSED = frozenset(
    {
        "payment_method.active",
        *("payout.succeeded", "payout.canceled", "deal.closed"),
    }
)
INVENTED_AT_MOST = 20

IGNORED_WORDS = BoundedLabels(WORD, known=UNUSED, at_most=INVENTED_AT_MOST)


def event_of(notification: object) -> str:
    """The event a notification names, whatever it is and whatever its object looks like.

    Raises `InvalidPayload` only for what is no notification at all: it has not the type, no event or no object.
    """
    if not isinstance(notification, dict) or notification.get("type") != "notification":
        raise InvalidPayload
    event = notification.get("event")
    if not isinstance(event, str) or not event or not isinstance(notification.get("object"), dict):
        raise InvalidPayload
    return event
