"""What came back, or did not, and what that means: an object, a no, certainly nothing, or nobody knows."""

import re
from typing import Annotated, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from billing_service.kit.http import httpx
from billing_service.yookassa.errors import (
    Forbidden,
    NotFound,
    OutcomeUnknown,
    Rejected,
    Unauthorized,
    Unavailable,
    YookassaError,
)

Answer = TypeVar("Answer", bound=BaseModel)

REFUSALS: Final[dict[int, type[Rejected]]] = {403: Forbidden, 404: NotFound}

# These four speak of timing, not of the request, and come from machines between us and the provider.
UNDECIDED: Final = frozenset({408, 409, 425, 499})

NOTHING_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)

_WORD = re.compile(r"[\w.:\[\]-]{1,100}", re.ASCII)


def _word(value: object) -> str | None:
    """Codes and ids go into our logs; whatever does not look like one stays out."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _prose(value: object) -> str | None:
    return value[:300] if isinstance(value, str) else None


def _milliseconds(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


class _ErrorBody(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    id: Annotated[str | None, BeforeValidator(_word)] = None
    code: Annotated[str | None, BeforeValidator(_word)] = None
    parameter: Annotated[str | None, BeforeValidator(_word)] = None
    description: Annotated[str | None, BeforeValidator(_prose)] = None
    retry_after: Annotated[int | None, BeforeValidator(_milliseconds)] = None


def read_answer(response: httpx.Response, kind: type[Answer]) -> Answer:
    """The object of a 200. Everything else is raised; only 200 means success here, creation included."""
    if response.status_code != 200:
        raise _failure(response)
    try:
        return kind.model_validate_json(response.content)
    except ValidationError:
        raise OutcomeUnknown("answered 200 with something unreadable", status=200) from None


def lost_answer(error: httpx.RequestError) -> Unavailable | OutcomeUnknown:
    """What it means that no answer came: only a connection that was never made is certainly nothing."""
    kind = Unavailable if isinstance(error, NOTHING_SENT) else OutcomeUnknown
    return kind(f"no answer ({type(error).__name__})")


def _failure(response: httpx.Response) -> YookassaError:
    status, body = response.status_code, _error_body(response)
    if status == 401 and body is not None:
        return Unauthorized(f"refused our key with {body.code or 'no code'}", status=status, error_id=body.id)
    if 400 <= status < 500 and status != 429 and status not in UNDECIDED and body is not None:
        return REFUSALS.get(status, Rejected)(
            status=status,
            error_id=body.id,
            code=body.code,
            description=body.description,
            parameter=body.parameter,
        )
    kind = Unavailable if status == 429 else OutcomeUnknown
    error_id = body.id if body else None
    return kind(
        f"answered {status}", status=status, error_id=error_id, retry_after=_retry_after(response, body)
    )


def _error_body(response: httpx.Response) -> _ErrorBody | None:
    """None for a page of HTML, an empty body and the like: then it was not the provider who spoke."""
    try:
        return _ErrorBody.model_validate_json(response.content)
    except ValidationError:
        return None


def _retry_after(response: httpx.Response, body: _ErrorBody | None) -> float | None:
    """Seconds, as the header counts them (a date is ignored); the provider's body has milliseconds."""
    header = response.headers.get("Retry-After", "")
    if re.fullmatch(r"[0-9]{1,6}", header):
        return float(header)
    return body.retry_after / 1000 if body and body.retry_after is not None else None
