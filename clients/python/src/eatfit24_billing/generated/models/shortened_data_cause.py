from typing import Literal

ShortenedDataCause = Literal["grant", "import", "payment"]

SHORTENED_DATA_CAUSE_VALUES: set[ShortenedDataCause] = {
    "grant",
    "import",
    "payment",
}


def check_shortened_data_cause(value: str) -> ShortenedDataCause:
    if value in SHORTENED_DATA_CAUSE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SHORTENED_DATA_CAUSE_VALUES!r}")
