from typing import Literal

PaidDataPurpose = Literal["BINDING", "PLAN"]

PAID_DATA_PURPOSE_VALUES: set[PaidDataPurpose] = {
    "BINDING",
    "PLAN",
}


def check_paid_data_purpose(value: str) -> PaidDataPurpose:
    if value in PAID_DATA_PURPOSE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PAID_DATA_PURPOSE_VALUES!r}")
