from typing import Literal, cast

SubscriberOutCauseType0 = Literal["grant", "import", "payment"]


def check_subscriber_out_cause_type_0(value: str) -> SubscriberOutCauseType0:
    """A later release may add values: what is new is passed on as it is."""
    return cast(SubscriberOutCauseType0, value)
