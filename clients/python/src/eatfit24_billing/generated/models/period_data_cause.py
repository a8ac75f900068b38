from typing import Literal, cast

PeriodDataCause = Literal["grant", "import", "payment"]


def check_period_data_cause(value: str) -> PeriodDataCause:
    """A later release may add values: what is new is passed on as it is."""
    return cast(PeriodDataCause, value)
