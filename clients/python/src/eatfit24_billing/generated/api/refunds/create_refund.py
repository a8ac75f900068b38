from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.refund_in import RefundIn
from ...models.refund_out import RefundOut
from ...types import UNSET, Unset


async def create_refund(
    billing: Caller,
    payment_id: UUID,
    *,
    body: RefundIn,
    idempotency_key: str | Unset = UNSET,
) -> RefundOut:
    """Send money back

    All that is left of a payment, or a part. Written to the audit log.

    Safe to repeat with the same `Idempotency-Key`, which is required: nothing else tells a double click from two
    refunds. The answer is the refund as it is now. After a 503 it goes on in the background; ask again with the same
    key. A refund that ended `canceled` is never sent again by itself: a new one needs a new key.

    The token needs the scope `refund`.
    """
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "create_refund",
        "post",
        "/internal/v1/payments/{payment_id}/refunds/".format(
            payment_id=quote(str(payment_id), safe=""),
        ),
        **_kwargs,
    )
    response_201 = RefundOut.from_dict(response.json())

    return response_201
