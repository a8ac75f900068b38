from typing import Literal

LyingOutCause = Literal["grant", "import", "payment"]

LYING_OUT_CAUSE_VALUES: set[LyingOutCause] = {
    "grant",
    "import",
    "payment",
}


def check_lying_out_cause(value: str) -> LyingOutCause:
    if value in LYING_OUT_CAUSE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LYING_OUT_CAUSE_VALUES!r}")
