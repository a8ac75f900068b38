from typing import Literal, cast

EntryOutState = Literal["open", "registered"]


def check_entry_out_state(value: str) -> EntryOutState:
    """A later release may add values: what is new is passed on as it is."""
    return cast(EntryOutState, value)
