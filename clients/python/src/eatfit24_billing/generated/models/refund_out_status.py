from typing import Literal, cast

RefundOutStatus = Literal["canceled", "failed", "pending", "succeeded"]


def check_refund_out_status(value: str) -> RefundOutStatus:
    """A later release may add values: what is new is passed on as it is."""
    return cast(RefundOutStatus, value)
