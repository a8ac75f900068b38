"""The classes of routes: who may call what, asked before a body is read."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from billing_service.kit.failures import answering_failures
from billing_service.kit.tokens import ServiceToken, challenge, find_token
from billing_service.web.dependencies import CALLER, services_of
from billing_service.web.errors.requests import ScopeMissing, TokenRequired

# What the OpenAPI page says of a POST that may be repeated: after a lost answer it does nothing twice.
SAFE_TO_REPEAT = {"x-safe-to-repeat": "always"}
SAFE_WITH_OPERATION_ID = {"x-safe-to-repeat": "operation_id"}


class NamedRoute(APIRoute):
    """What a client generated from the OpenAPI page calls it is what the code calls it."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **kwargs: Any) -> None:  # noqa: ANN401 (FastAPI's own)
        kwargs["operation_id"] = kwargs.get("operation_id") or endpoint.__name__
        super().__init__(path, endpoint, **kwargs)


class PublicRoute(NamedRoute):
    """Anybody may call it: it says nothing about a user, or guards itself."""

    required_scope: ClassVar[str | None] = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (FastAPI's own arguments)
        kwargs["openapi_extra"] = {"security": [], **(kwargs.get("openapi_extra") or {})}
        super().__init__(*args, **kwargs)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return answering_failures(super().get_route_handler())


class ScopedRoute(NamedRoute):
    """Only a service token with `required_scope` may call it, and that is asked before the body is even read."""

    required_scope: ClassVar[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 (FastAPI's own arguments)
        kwargs["openapi_extra"] = {
            "security": [{"ServiceToken": [self.required_scope]}],
            **(kwargs.get("openapi_extra") or {}),
        }
        super().__init__(*args, **kwargs)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_if_allowed(request: Request) -> Response:
            request.scope[CALLER] = who_calls(request, self.required_scope)
            return await answer(request)

        return answering_failures(answer_if_allowed)


def needs(scope: str) -> type[ScopedRoute]:
    """The route class of a room: `APIRouter(route_class=needs("user"))`."""
    return type("ScopedRoute", (ScopedRoute,), {"required_scope": scope})


def _the_only(request: Request, header: str) -> str:
    """Empty when it is missing, or sent more than once: nobody may choose for us which of them counts."""
    values = request.headers.getlist(header)
    return values[0] if len(values) == 1 else ""


def who_calls(request: Request, scope: str) -> ServiceToken:
    """The caller by its bearer token. Raises `TokenRequired` (unknown) or `ScopeMissing` (known, not allowed)."""
    kind, _, presented = _the_only(request, "authorization").partition(" ")
    if kind.lower() != "bearer" or not presented:
        raise TokenRequired(headers=challenge())
    token = find_token(services_of(request).settings.billing_service_tokens, presented)
    if token is None:
        raise TokenRequired(headers=challenge(error="invalid_token"))
    if scope not in token.scopes:
        headers = challenge(error="insufficient_scope", scope=scope)
        raise ScopeMissing({"required_scope": scope}, headers=headers)
    return token
