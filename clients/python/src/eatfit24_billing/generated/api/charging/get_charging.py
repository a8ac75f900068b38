from typing import Any

from ...client import Caller
from ...models.charging_out import ChargingOut


async def get_charging(
    billing: Caller,
) -> ChargingOut:
    """Are saved methods charged?

    Who stopped it, since when and why.

    The token needs the scope `admin`.
    """

    _kwargs: dict[str, Any] = {}
    response = await billing.send(
        "get_charging",
        "get",
        "/internal/v1/charging/",
        **_kwargs,
    )
    response_200 = ChargingOut.from_dict(response.json())

    return response_200
