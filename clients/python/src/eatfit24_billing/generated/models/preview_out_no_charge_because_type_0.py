from typing import Literal, cast

PreviewOutNoChargeBecauseType0 = Literal["NOT_SCHEDULED", "RENEWALS_OFF"]


def check_preview_out_no_charge_because_type_0(value: str) -> PreviewOutNoChargeBecauseType0:
    """A later release may add values: what is new is passed on as it is."""
    return cast(PreviewOutNoChargeBecauseType0, value)
