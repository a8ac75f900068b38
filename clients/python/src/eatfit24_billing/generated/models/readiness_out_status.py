from typing import Literal, cast

ReadinessOutStatus = Literal["ok", "unfit"]


def check_readiness_out_status(value: str) -> ReadinessOutStatus:
    """A later release may add values: what is new is passed on as it is."""
    return cast(ReadinessOutStatus, value)
