from typing import Literal

ReturnOutStatus = Literal["pending", "succeeded"]

RETURN_OUT_STATUS_VALUES: set[ReturnOutStatus] = {
    "pending",
    "succeeded",
}


def check_return_out_status(value: str) -> ReturnOutStatus:
    if value in RETURN_OUT_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RETURN_OUT_STATUS_VALUES!r}")
