from typing import Literal

SubscriptionOutPlanDisplay = Literal["Free", "PRO"]

SUBSCRIPTION_OUT_PLAN_DISPLAY_VALUES: set[SubscriptionOutPlanDisplay] = {
    "Free",
    "PRO",
}


def check_subscription_out_plan_display(value: str) -> SubscriptionOutPlanDisplay:
    if value in SUBSCRIPTION_OUT_PLAN_DISPLAY_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SUBSCRIPTION_OUT_PLAN_DISPLAY_VALUES!r}")
