from typing import Literal, cast

CreatedPaymentOutStatus = Literal["canceled", "failed", "pending", "refunded", "succeeded"]


def check_created_payment_out_status(value: str) -> CreatedPaymentOutStatus:
    """A later release may add values: what is new is passed on as it is."""
    return cast(CreatedPaymentOutStatus, value)
