from typing import Literal, cast

PaymentOutStatus = Literal["canceled", "failed", "pending", "refunded", "succeeded"]


def check_payment_out_status(value: str) -> PaymentOutStatus:
    """A later release may add values: what is new is passed on as it is."""
    return cast(PaymentOutStatus, value)
