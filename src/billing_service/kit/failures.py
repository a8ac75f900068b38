"""How a failure is answered: one shape for all of them, and as cheaply as a success."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from billing_service.kit.errors import BillingError
from billing_service.kit.middleware import request_id_of
from billing_service.kit.wire import json_of


def body_of(error: BillingError, request_id: str) -> dict[str, Any]:
    """The one shape of every error answer."""
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "details": error.details,
            "request_id": request_id,
        }
    }


def answer_to(request: Request, error: BillingError) -> Response:
    return Response(
        json_of(body_of(error, request_id_of(request))),
        status_code=error.status,
        headers=headers_of(error),
        media_type="application/json",
    )


def answering_failures(
    answer: Callable[[Request], Awaitable[Response]],
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """The same, with every known failure answered where it happens: on its way up through the whole stack an exception
    costs as much as a request, and a refused limit is our most frequent answer to those who want more."""

    async def answer_or_refuse(request: Request) -> Response:
        try:
            return await answer(request)
        except BillingError as error:
            return answer_to(request, error)

    return answer_or_refuse


def headers_of(error: BillingError) -> Mapping[str, str]:
    """What its answer carries beside the body."""
    if error.retry_after is None:
        return error.headers
    return {"Retry-After": str(error.retry_after)} | error.headers
