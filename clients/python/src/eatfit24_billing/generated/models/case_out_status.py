from typing import Literal, cast

CaseOutStatus = Literal["open", "refunded", "refused"]


def check_case_out_status(value: str) -> CaseOutStatus:
    """A later release may add values: what is new is passed on as it is."""
    return cast(CaseOutStatus, value)
