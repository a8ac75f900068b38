from typing import Literal, cast

OperatorCaseOutStatus = Literal["open", "refunded", "refused"]


def check_operator_case_out_status(value: str) -> OperatorCaseOutStatus:
    """A later release may add values: what is new is passed on as it is."""
    return cast(OperatorCaseOutStatus, value)
