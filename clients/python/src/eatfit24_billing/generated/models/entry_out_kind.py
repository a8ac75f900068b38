from typing import Literal, cast

EntryOutKind = Literal["income", "return"]


def check_entry_out_kind(value: str) -> EntryOutKind:
    """A later release may add values: what is new is passed on as it is."""
    return cast(EntryOutKind, value)
