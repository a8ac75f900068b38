from typing import Literal

CutOutBy = Literal["refund", "revocation"]

CUT_OUT_BY_VALUES: set[CutOutBy] = {
    "refund",
    "revocation",
}


def check_cut_out_by(value: str) -> CutOutBy:
    if value in CUT_OUT_BY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CUT_OUT_BY_VALUES!r}")
