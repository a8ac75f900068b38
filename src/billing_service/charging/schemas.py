"""How the switch looks on the wire."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from billing_service.audit.schemas import Author, Reason
from billing_service.charging.service import Charging
from billing_service.kit.wire import UtcTime

SHOWN: dict[str, JsonValue] = {
    "charging": True,
    "enabled": True,
    "started_at": "2026-11-27T09:00:00Z",
    "stops": [],
}
STOPPED: dict[str, JsonValue] = {
    "source": "operator",
    "since": "2026-11-27T09:00:00Z",
    "author": "owner",
    "reason": "проверяем списания",
}


class SwitchIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"charging": True, "author": "owner", "reason": "проверили списания"}},
    )

    charging: Annotated[bool, Field(strict=True, description="False stops, true lifts every stop.")]
    author: Author
    reason: Reason


class StopOut(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": STOPPED})

    source: Annotated[
        str, Field(description="Who stopped it: `operator`, `audit` or `trip` (a jump of declines).")
    ]
    since: UtcTime
    author: str
    reason: str


class ChargingOut(BaseModel):
    """Whether saved methods are charged: only while it is `enabled` by the setting and nobody has stopped it."""

    model_config = ConfigDict(json_schema_extra={"example": SHOWN})

    charging: bool
    enabled: Annotated[bool, Field(description="`BILLING_RECURRING_ENABLED`.")]
    started_at: Annotated[
        UtcTime | None, Field(description="When an operator last started it; declines are counted from here.")
    ]
    stops: list[StopOut]


def charging_out(charging: Charging) -> ChargingOut:
    return ChargingOut(
        charging=charging.is_charging,
        enabled=charging.enabled,
        started_at=charging.started_at,
        stops=[
            StopOut(source=stop.source, since=stop.stopped_since, author=stop.author, reason=stop.reason)
            for stop in charging.stops
        ],
    )
