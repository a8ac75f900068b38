from typing import Literal

RefundOutAccessType0 = Literal["cut_all", "cut_prorata", "keep"]

REFUND_OUT_ACCESS_TYPE_0_VALUES: set[RefundOutAccessType0] = {
    "cut_all",
    "cut_prorata",
    "keep",
}


def check_refund_out_access_type_0(value: str) -> RefundOutAccessType0:
    if value in REFUND_OUT_ACCESS_TYPE_0_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {REFUND_OUT_ACCESS_TYPE_0_VALUES!r}")
