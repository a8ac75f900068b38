from typing import Literal, cast

ReturnOutStatus = Literal["pending", "succeeded"]


def check_return_out_status(value: str) -> ReturnOutStatus:
    """A later release may add values: what is new is passed on as it is."""
    return cast(ReturnOutStatus, value)
