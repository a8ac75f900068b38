from typing import Literal

ReadinessOutRedis = Literal["down", "up"]

READINESS_OUT_REDIS_VALUES: set[ReadinessOutRedis] = {
    "down",
    "up",
}


def check_readiness_out_redis(value: str) -> ReadinessOutRedis:
    if value in READINESS_OUT_REDIS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {READINESS_OUT_REDIS_VALUES!r}")
