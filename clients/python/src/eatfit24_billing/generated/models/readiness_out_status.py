from typing import Literal

ReadinessOutStatus = Literal["ok", "unfit"]

READINESS_OUT_STATUS_VALUES: set[ReadinessOutStatus] = {
    "ok",
    "unfit",
}


def check_readiness_out_status(value: str) -> ReadinessOutStatus:
    if value in READINESS_OUT_STATUS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {READINESS_OUT_STATUS_VALUES!r}")
