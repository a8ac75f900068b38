from typing import Literal, cast

LiveTestOutStatus = Literal["canceled", "failed", "pending", "refunded", "succeeded"]


def check_live_test_out_status(value: str) -> LiveTestOutStatus:
    """A later release may add values: what is new is passed on as it is."""
    return cast(LiveTestOutStatus, value)
