"""What an answer means: nothing that is not a success leaves here without its class."""

import httpx2 as httpx

from eatfit24_billing.errors import BillingError, Refused, Unavailable
from eatfit24_billing.generated.codes import BY_CODE


def raise_for(response: httpx.Response) -> None:
    """Raises what it says, unless it is good. The code of an answer by somebody in between is like `HTTP_502`."""
    if response.is_success and "json" in response.headers.get("content-type", ""):
        return
    error = _error_in(response)
    code = str(error.get("code", f"HTTP_{response.status_code}"))
    kind = BY_CODE.get(code, _kind_of(response))
    details = error.get("details")
    raise kind(
        str(error.get("message", "")),
        code=code,
        status=response.status_code,
        details=details if isinstance(details, dict) else None,
        request_id=response.headers.get("x-request-id"),
        retry_after=_seconds(response.headers.get("retry-after", "")),
    )


def _error_in(response: httpx.Response) -> dict[str, object]:
    try:
        said = response.json()
    except ValueError:
        return {}
    error = said.get("error") if isinstance(said, dict) else None
    return error if isinstance(error, dict) else {}


def _kind_of(response: httpx.Response) -> type[BillingError]:
    """A redirect, and a success that is none of ours, come from somebody in between: we were not asked."""
    return Refused if response.is_client_error else Unavailable


def _seconds(header: str) -> float | None:
    return float(header) if header.isdecimal() else None
