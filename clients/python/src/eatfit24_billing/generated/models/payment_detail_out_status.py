from typing import Literal

PaymentDetailOutStatus = Literal["canceled", "failed", "pending", "refunded", "succeeded"]

PAYMENT_DETAIL_OUT_STATUS_VALUES: set[PaymentDetailOutStatus] = {
    "canceled",
    "failed",
    "pending",
    "refunded",
    "succeeded",
}


def check_payment_detail_out_status(value: str) -> PaymentDetailOutStatus:
    if value in PAYMENT_DETAIL_OUT_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PAYMENT_DETAIL_OUT_STATUS_VALUES!r}")
