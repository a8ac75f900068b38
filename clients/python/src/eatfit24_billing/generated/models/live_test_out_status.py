from typing import Literal

LiveTestOutStatus = Literal["canceled", "failed", "pending", "refunded", "succeeded"]

LIVE_TEST_OUT_STATUS_VALUES: set[LiveTestOutStatus] = {
    "canceled",
    "failed",
    "pending",
    "refunded",
    "succeeded",
}


def check_live_test_out_status(value: str) -> LiveTestOutStatus:
    if value in LIVE_TEST_OUT_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIVE_TEST_OUT_STATUS_VALUES!r}")
