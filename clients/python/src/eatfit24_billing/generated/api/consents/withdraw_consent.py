from typing import Any
from urllib.parse import quote
from uuid import UUID

from ...client import Caller
from ...models.withdrawn_consent_out import WithdrawnConsentOut


async def withdraw_consent(
    billing: Caller,
    consent_id: UUID,
    *,
    x_user_id: str,
) -> WithdrawnConsentOut:
    """Withdraw a consent

    Auto-renewal goes off, the card is kept. A charge that may have left before is named: it gives its days and goes
    back with them. A second time changes nothing.

    The token needs the scope `user`.
    """
    headers: dict[str, Any] = {}
    headers["X-User-Id"] = x_user_id

    _kwargs: dict[str, Any] = {}
    _kwargs["headers"] = headers
    response = await billing.send(
        "withdraw_consent",
        "delete",
        "/api/v1/billing/consents/{consent_id}/".format(
            consent_id=quote(str(consent_id), safe=""),
        ),
        **_kwargs,
    )
    response_200 = WithdrawnConsentOut.from_dict(response.json())

    return response_200
