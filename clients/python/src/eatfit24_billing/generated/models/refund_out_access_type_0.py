from typing import Literal, cast

RefundOutAccessType0 = Literal["cut_all", "cut_prorata", "keep"]


def check_refund_out_access_type_0(value: str) -> RefundOutAccessType0:
    """A later release may add values: what is new is passed on as it is."""
    return cast(RefundOutAccessType0, value)
