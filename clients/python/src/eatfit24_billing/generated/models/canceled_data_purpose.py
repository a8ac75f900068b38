from typing import Literal, cast

CanceledDataPurpose = Literal["BINDING", "PLAN"]


def check_canceled_data_purpose(value: str) -> CanceledDataPurpose:
    """A later release may add values: what is new is passed on as it is."""
    return cast(CanceledDataPurpose, value)
