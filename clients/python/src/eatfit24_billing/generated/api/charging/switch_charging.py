from typing import Any

from ...client import Caller
from ...models.charging_out import ChargingOut
from ...models.switch_in import SwitchIn


async def switch_charging(
    billing: Caller,
    *,
    body: SwitchIn,
) -> ChargingOut:
    """Stop or start charging

    A stop holds within a second in every process; a charge that has left is settled as ever. Safe to repeat.

    The token needs the scope `admin`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "switch_charging",
        "put",
        "/internal/v1/charging/",
        **_kwargs,
    )
    response_200 = ChargingOut.from_dict(response.json())

    return response_200
