from typing import Any

from ...client import Caller
from ...models.grant_batch_in import GrantBatchIn
from ...models.grant_batch_out import GrantBatchOut
from ...types import UNSET, Unset


async def give_to_many(
    billing: Caller,
    *,
    body: GrantBatchIn,
    idempotency_key: str | Unset = UNSET,
) -> GrantBatchOut:
    """Give many users the same days

    The `Idempotency-Key` is the name of the batch, by which people find it: the same is the same batch. Interrupted,
    repeat it: nobody gets his days twice. A dry run writes nothing.

    The token needs the scope `grant`.
    """
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "give_to_many",
        "post",
        "/internal/v1/grants/batches/",
        **_kwargs,
    )
    response_200 = GrantBatchOut.from_dict(response.json())

    return response_200
