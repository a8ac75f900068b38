from typing import Literal, cast

SubscriptionOutPlan = Literal["free", "pro"]


def check_subscription_out_plan(value: str) -> SubscriptionOutPlan:
    """A later release may add values: what is new is passed on as it is."""
    return cast(SubscriptionOutPlan, value)
