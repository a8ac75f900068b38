from typing import Literal

PeriodDataCause = Literal["grant", "import", "payment"]

PERIOD_DATA_CAUSE_VALUES: set[PeriodDataCause] = {
    "grant",
    "import",
    "payment",
}


def check_period_data_cause(value: str) -> PeriodDataCause:
    if value in PERIOD_DATA_CAUSE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PERIOD_DATA_CAUSE_VALUES!r}")
