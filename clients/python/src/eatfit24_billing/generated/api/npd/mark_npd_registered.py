from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.entry_out import EntryOut
from ...models.receipt_in import ReceiptIn


async def mark_npd_registered(
    billing: Caller,
    entry_id: UUID,
    *,
    body: ReceiptIn,
) -> EntryOut:
    """It is registered

    Written to the audit log. Safe to repeat; another receipt replaces the one before.

    The token needs the scope `admin`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "mark_npd_registered",
        "post",
        "/internal/v1/npd/register/{entry_id}/registered/".format(
            entry_id=quote(str(entry_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = EntryOut.from_dict(response.json())

    return response_200
