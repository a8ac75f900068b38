from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.revoke_batch_in import RevokeBatchIn
from ...models.revoked_batch_out import RevokedBatchOut


async def revoke_grant_batch(
    billing: Caller,
    grant_batch_id: UUID,
    *,
    body: RevokeBatchIn,
) -> RevokedBatchOut:
    """Take the days of a batch back

    What is left of every grant ends now. A second time takes nothing, and answers what was taken.

    The token needs the scope `grant`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "revoke_grant_batch",
        "post",
        "/internal/v1/grants/batches/{grant_batch_id}/revoke/".format(
            grant_batch_id=quote(str(grant_batch_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = RevokedBatchOut.from_dict(response.json())

    return response_200
