"""Which events we use, and by which word we count those we leave alone."""

from billing_service.kit.labels import BoundedLabels
from billing_service.web.errors import InvalidPayload
from billing_service.webhooks.redaction import WORD

USED = frozenset({"payment.succeeded", "payment.canceled", "payment.waiting_for_capture"})
# https://yookassa.ru/developers/using-api/webhooks: what a shop can be told besides.
UNUSED = frozenset(
    {
        *("refund.succeeded", "payment_method.active"),
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
