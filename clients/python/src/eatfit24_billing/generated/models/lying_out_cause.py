from typing import Literal, cast

LyingOutCause = Literal["grant", "import", "payment"]


def check_lying_out_cause(value: str) -> LyingOutCause:
    """A later release may add values: what is new is passed on as it is."""
    return cast(LyingOutCause, value)
