from typing import Literal, cast

RenewalFailedDataReaction = Literal["ask", "never", "soon", "spaced"]


def check_renewal_failed_data_reaction(value: str) -> RenewalFailedDataReaction:
    """A later release may add values: what is new is passed on as it is."""
    return cast(RenewalFailedDataReaction, value)
