from typing import Literal

PaymentOutStatus = Literal["canceled", "failed", "pending", "refunded", "succeeded"]

PAYMENT_OUT_STATUS_VALUES: set[PaymentOutStatus] = {
    "canceled",
    "failed",
    "pending",
    "refunded",
    "succeeded",
}


def check_payment_out_status(value: str) -> PaymentOutStatus:
    if value in PAYMENT_OUT_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PAYMENT_OUT_STATUS_VALUES!r}")
