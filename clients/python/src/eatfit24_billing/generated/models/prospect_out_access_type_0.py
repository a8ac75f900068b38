from typing import Literal, cast

ProspectOutAccessType0 = Literal["cut_all", "cut_prorata", "keep"]


def check_prospect_out_access_type_0(value: str) -> ProspectOutAccessType0:
    """A later release may add values: what is new is passed on as it is."""
    return cast(ProspectOutAccessType0, value)
