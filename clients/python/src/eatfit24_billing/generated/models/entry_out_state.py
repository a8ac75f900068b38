from typing import Literal

EntryOutState = Literal["open", "registered"]

ENTRY_OUT_STATE_VALUES: set[EntryOutState] = {
    "open",
    "registered",
}


def check_entry_out_state(value: str) -> EntryOutState:
    if value in ENTRY_OUT_STATE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ENTRY_OUT_STATE_VALUES!r}")
