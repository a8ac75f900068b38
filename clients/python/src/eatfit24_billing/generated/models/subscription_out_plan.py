from typing import Literal

SubscriptionOutPlan = Literal["free", "pro"]

SUBSCRIPTION_OUT_PLAN_VALUES: set[SubscriptionOutPlan] = {
    "free",
    "pro",
}


def check_subscription_out_plan(value: str) -> SubscriptionOutPlan:
    if value in SUBSCRIPTION_OUT_PLAN_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {SUBSCRIPTION_OUT_PLAN_VALUES!r}")
