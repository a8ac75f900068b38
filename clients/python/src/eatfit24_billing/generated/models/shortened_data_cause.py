from typing import Literal, cast

ShortenedDataCause = Literal["grant", "import", "payment"]


def check_shortened_data_cause(value: str) -> ShortenedDataCause:
    """A later release may add values: what is new is passed on as it is."""
    return cast(ShortenedDataCause, value)
