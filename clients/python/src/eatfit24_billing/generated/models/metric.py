from typing import Literal, cast

Metric = Literal["declines", "limit_hits", "lost", "new", "refunds", "renewed", "returned", "revenue"]


def check_metric(value: str) -> Metric:
    """A later release may add values: what is new is passed on as it is."""
    return cast(Metric, value)
