from typing import Literal, cast

ListNpdRegisterStateType0 = Literal["open", "registered"]


def check_list_npd_register_state_type_0(value: str) -> ListNpdRegisterStateType0:
    """A later release may add values: what is new is passed on as it is."""
    return cast(ListNpdRegisterStateType0, value)
