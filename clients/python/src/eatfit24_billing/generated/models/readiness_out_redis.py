from typing import Literal, cast

ReadinessOutRedis = Literal["down", "up"]


def check_readiness_out_redis(value: str) -> ReadinessOutRedis:
    """A later release may add values: what is new is passed on as it is."""
    return cast(ReadinessOutRedis, value)
