from typing import Literal, cast

Access = Literal["cut_all", "cut_prorata", "keep"]


def check_access(value: str) -> Access:
    """A later release may add values: what is new is passed on as it is."""
    return cast(Access, value)
