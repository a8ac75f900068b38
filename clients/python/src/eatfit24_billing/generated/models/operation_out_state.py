from typing import Literal, cast

OperationOutState = Literal["counted", "expired", "held", "not_listed", "released", "reset"]


def check_operation_out_state(value: str) -> OperationOutState:
    """A later release may add values: what is new is passed on as it is."""
    return cast(OperationOutState, value)
