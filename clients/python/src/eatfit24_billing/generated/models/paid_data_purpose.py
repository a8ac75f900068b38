from typing import Literal, cast

PaidDataPurpose = Literal["BINDING", "PLAN"]


def check_paid_data_purpose(value: str) -> PaidDataPurpose:
    """A later release may add values: what is new is passed on as it is."""
    return cast(PaidDataPurpose, value)
