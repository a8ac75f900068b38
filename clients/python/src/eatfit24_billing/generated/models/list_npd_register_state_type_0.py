from typing import Literal

ListNpdRegisterStateType0 = Literal["open", "registered"]

LIST_NPD_REGISTER_STATE_TYPE_0_VALUES: set[ListNpdRegisterStateType0] = {
    "open",
    "registered",
}


def check_list_npd_register_state_type_0(value: str) -> ListNpdRegisterStateType0:
    if value in LIST_NPD_REGISTER_STATE_TYPE_0_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIST_NPD_REGISTER_STATE_TYPE_0_VALUES!r}")
