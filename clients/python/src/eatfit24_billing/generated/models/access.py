from typing import Literal

Access = Literal["cut_all", "cut_prorata", "keep"]

ACCESS_VALUES: set[Access] = {
    "cut_all",
    "cut_prorata",
    "keep",
}


def check_access(value: str) -> Access:
    if value in ACCESS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {ACCESS_VALUES!r}")
