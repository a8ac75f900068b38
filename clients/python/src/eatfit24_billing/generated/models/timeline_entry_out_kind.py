from typing import Literal, cast

TimelineEntryOutKind = Literal[
    "access.ended",
    "card_binding.failed",
    "card_binding.open",
    "consent.given",
    "consent.withdrawn",
    "deed",
    "grant.given",
    "grant.revoked",
    "import.given",
    "payment.canceled",
    "payment.failed",
    "payment.open",
    "payment.succeeded",
    "payment_method.ended",
    "payment_method.refused",
    "payment_method.saved",
    "refund.canceled",
    "refund.failed",
    "refund.open",
    "refund.succeeded",
    "refund_request.made",
    "refund_request.refused",
    "subscription.autorenew_changed",
    "usage.limit_reached",
]


def check_timeline_entry_out_kind(value: str) -> TimelineEntryOutKind:
    """A later release may add values: what is new is passed on as it is."""
    return cast(TimelineEntryOutKind, value)
