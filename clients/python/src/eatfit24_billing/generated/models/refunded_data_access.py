from typing import Literal, cast

RefundedDataAccess = Literal["cut_all", "cut_prorata", "keep"]


def check_refunded_data_access(value: str) -> RefundedDataAccess:
    """A later release may add values: what is new is passed on as it is."""
    return cast(RefundedDataAccess, value)
