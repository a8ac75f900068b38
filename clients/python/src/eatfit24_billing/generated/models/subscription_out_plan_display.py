from typing import Literal, cast

SubscriptionOutPlanDisplay = Literal["Free", "PRO"]


def check_subscription_out_plan_display(value: str) -> SubscriptionOutPlanDisplay:
    """A later release may add values: what is new is passed on as it is."""
    return cast(SubscriptionOutPlanDisplay, value)
