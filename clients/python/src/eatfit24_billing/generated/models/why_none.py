from typing import Literal, cast

WhyNone = Literal[
    "AUTORENEW_OFF", "CONSENT_NEEDED", "NOTHING_TO_RENEW", "PAYMENT_METHOD_NEEDED", "RENEWALS_OFF"
]


def check_why_none(value: str) -> WhyNone:
    """A later release may add values: what is new is passed on as it is."""
    return cast(WhyNone, value)
