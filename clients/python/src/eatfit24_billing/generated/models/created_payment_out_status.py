from typing import Literal

CreatedPaymentOutStatus = Literal["canceled", "failed", "pending", "refunded", "succeeded"]

CREATED_PAYMENT_OUT_STATUS_VALUES: set[CreatedPaymentOutStatus] = {
    "canceled",
    "failed",
    "pending",
    "refunded",
    "succeeded",
}


def check_created_payment_out_status(value: str) -> CreatedPaymentOutStatus:
    if value in CREATED_PAYMENT_OUT_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CREATED_PAYMENT_OUT_STATUS_VALUES!r}")
