from typing import Literal, cast

RunningPlanOutBecomes = Literal["goes_on", "replaced"]


def check_running_plan_out_becomes(value: str) -> RunningPlanOutBecomes:
    """A later release may add values: what is new is passed on as it is."""
    return cast(RunningPlanOutBecomes, value)
