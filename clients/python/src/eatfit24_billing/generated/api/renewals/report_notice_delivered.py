from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.delivered_in import DeliveredIn
from ...models.notice_out import NoticeOut


async def report_notice_delivered(
    billing: Caller,
    notice_id: UUID,
    *,
    body: DeliveredIn,
) -> NoticeOut:
    """The payer was told of a charge

    Nothing is charged before the payer was told and has had some days to say no. The same can be said in the body of
    the 2xx to `subscription.renewal_upcoming`: `{"delivered": {"channel", "at"}}`. The first report counts; a repeat
    changes nothing and answers what holds.

    The token needs the scope `events`.
    """
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {}
    _kwargs["json"] = body.to_dict()

    _kwargs["headers"] = headers
    response = await billing.send(
        "report_notice_delivered",
        "post",
        "/internal/v1/notices/{notice_id}/delivered/".format(
            notice_id=quote(str(notice_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = NoticeOut.from_dict(response.json())

    return response_200
