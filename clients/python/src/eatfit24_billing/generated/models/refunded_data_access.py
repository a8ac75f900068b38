from typing import Literal

RefundedDataAccess = Literal["cut_all", "cut_prorata", "keep"]

REFUNDED_DATA_ACCESS_VALUES: set[RefundedDataAccess] = {
    "cut_all",
    "cut_prorata",
    "keep",
}


def check_refunded_data_access(value: str) -> RefundedDataAccess:
    if value in REFUNDED_DATA_ACCESS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {REFUNDED_DATA_ACCESS_VALUES!r}")
