from typing import Literal, cast

Because = Literal[
    "AUTORENEW_OFF",
    "CHARGING_STOPPED",
    "CHECKOUT_OPEN",
    "CONSENT_NEEDED",
    "DECLINED",
    "NOT_DUE",
    "NOT_TOLD",
    "NOTHING_TO_RENEW",
    "PAYMENT_METHOD_NEEDED",
    "RECEIPT_CONTACT_NEEDED",
    "RENEWAL_IN_PROGRESS",
    "RENEWALS_OFF",
    "TOO_LATE",
    "TOO_MANY_TODAY",
]


def check_because(value: str) -> Because:
    """A later release may add values: what is new is passed on as it is."""
    return cast(Because, value)
