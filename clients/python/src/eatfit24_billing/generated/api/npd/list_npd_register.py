from typing import Any

from ...client import Caller
from ...models.list_npd_register_state_type_0 import (
    ListNpdRegisterStateType0,
)
from ...models.register_out import RegisterOut
from ...types import UNSET, Unset


async def list_npd_register(
    billing: Caller,
    *,
    month: None | str | Unset = UNSET,
    state: ListNpdRegisterStateType0 | None | Unset = UNSET,
) -> RegisterOut:
    """What the tax office must know

    Every succeeded payment and refund of a month, and the receipt of each that was registered.

    The token needs the scope `read`.
    """

    params: dict[str, Any] = {}

    json_month: None | str | Unset
    if isinstance(month, Unset):
        json_month = UNSET
    else:
        json_month = month
    params["month"] = json_month

    json_state: None | str | Unset
    if isinstance(state, Unset):
        json_state = UNSET
    elif isinstance(state, str):
        json_state = state
    else:
        json_state = state
    params["state"] = json_state

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "params": params,
    }
    response = await billing.send(
        "list_npd_register",
        "get",
        "/internal/v1/npd/register/",
        **_kwargs,
    )
    response_200 = RegisterOut.from_dict(response.json())

    return response_200
