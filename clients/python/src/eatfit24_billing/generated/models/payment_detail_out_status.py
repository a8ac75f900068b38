from typing import Literal, cast

PaymentDetailOutStatus = Literal["canceled", "failed", "pending", "refunded", "succeeded"]


def check_payment_detail_out_status(value: str) -> PaymentDetailOutStatus:
    """A later release may add values: what is new is passed on as it is."""
    return cast(PaymentDetailOutStatus, value)
