from typing import Literal

CanceledDataPurpose = Literal["BINDING", "PLAN"]

CANCELED_DATA_PURPOSE_VALUES: set[CanceledDataPurpose] = {
    "BINDING",
    "PLAN",
}


def check_canceled_data_purpose(value: str) -> CanceledDataPurpose:
    if value in CANCELED_DATA_PURPOSE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {CANCELED_DATA_PURPOSE_VALUES!r}")
