"""What a route may ask for, and who may call it."""

import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import structlog
from fastapi import Depends, Header
from fastapi.routing import APIRoute
from redis.asyncio import Redis
from starlette.requests import Request
from starlette.responses import Response

from billing_service.config import Settings
from billing_service.kit.background import Background
from billing_service.kit.crypto import Vault
from billing_service.kit.db import Database
from billing_service.kit.errors import BillingError
from billing_service.kit.failures import answering_failures
from billing_service.kit.keyed_semaphore import KeyedSemaphore
from billing_service.kit.ratelimit import Limiter
from billing_service.kit.redis import open_redis
from billing_service.kit.redis_window import RedisWindow
from billing_service.kit.signature import is_signed
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.tokens import ServiceToken, challenge, find_token
from billing_service.web import ratelimits
from billing_service.web.errors import (
    IdempotencyKeyRequired,
    NotifierRefused,
    PayloadInvalid,
    ScopeMissing,
    SignatureRefused,
    TokenRequired,
    UserMalformed,
    UserRequired,
    ValidationFailed,
)
from billing_service.yookassa.client import YookassaClient
from billing_service.yookassa.networks import UntrustedAddress, client_address, counted_as, is_inside

log = structlog.get_logger()

INTERNAL = "/internal/v1/"
CALLER = "billing.caller"
MAX_BIGINT = 2**63 - 1
USER_ID = re.compile(r"[0-9]{1,19}")
# A call to the provider may take 35 s; a stopping process waits for it.
DRAIN_SECONDS = 40


@dataclass(frozen=True)
class Services:
    """The collaborators of one process, built once in `app` or `worker` and handed down."""

    settings: Settings
    db: Database
    yookassa: YookassaClient
    vault: Vault
    background: Background
    statements: StatementPool
    usage_slots: KeyedSemaphore
    redis: Redis
    limiter: Limiter
    # On the monotonic clock of this process: since when it looks.
    started: float = field(default_factory=time.monotonic)


def usage_slots() -> KeyedSemaphore:
    """A user who hammers one row holds two connections of a process at most, so the others are served."""
    return KeyedSemaphore(width=2, seconds=5)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """The collaborators, closed again at the end: first the work that still runs, then what it runs on."""
    redis = open_redis(settings.redis_url)
    services = Services(
        settings=settings,
        db=Database(settings.database_url, pool_size=settings.database_pool_size),
        yookassa=YookassaClient(
            shop_id=settings.shop_id,
            secret_key=settings.api_key.get_secret_value(),
            api_url=settings.yookassa_api_url,
        ),
        vault=Vault(settings.billing_encryption_keys),
        background=Background(),
        statements=StatementPool(settings.database_url, pool_size=settings.database_pool_size),
        usage_slots=usage_slots(),
        redis=redis,
        limiter=Limiter(RedisWindow(redis, prefix=settings.redis_key_prefix)),
    )
    try:
        yield services
    finally:
        await services.background.drain(DRAIN_SECONDS)
        await services.yookassa.aclose()
        await services.redis.aclose()
        await services.statements.close()
        await services.db.close()


XUserId = Annotated[str | None, Header(description="The user's id in the main backend.", examples=["1001"])]


def services_of(request: Request) -> Services:
    """For the hot paths: what FastAPI resolves for a route costs more than this by far."""
    return request.app.state.services  # type: ignore[no-any-return]


# Dependencies are coroutines, also where they wait for nothing: FastAPI sends plain functions to a thread each time.
async def _services(request: Request) -> Services:
    return services_of(request)


async def _caller(request: Request) -> ServiceToken:
    return request.scope[CALLER]  # type: ignore[no-any-return]


def user_id_of(request: Request, x_user_id: str | None) -> int:
    """The user a trusted caller names. Raises `UserRequired` if it names none, `UserMalformed` if that is no user."""
    if not (x_user_id and x_user_id.strip()):
        raise UserRequired
    named_once = len(request.headers.getlist("x-user-id")) == 1
    if not (named_once and USER_ID.fullmatch(x_user_id) and 0 < int(x_user_id) <= MAX_BIGINT):
        raise UserMalformed(UserMalformed.example)
    return int(x_user_id)


async def _user_id(request: Request, x_user_id: XUserId = None) -> int:
    return user_id_of(request, x_user_id)


def invalid(request: Request, fields: Mapping[str, str]) -> BillingError:
    """What is wrong with a request, by field: 422 on `/internal/v1`, 400 on the others, as ever."""
    kind = PayloadInvalid if request.url.path.startswith(INTERNAL) else ValidationFailed
    return kind({"fields": fields})


async def _idempotency_key(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="1 to 255 visible characters; the same key gives the same answer, once.",
            examples=["7d2f6a3e-2f0e-4a53-9c0b-4f1f8a1c9a10"],
        ),
    ] = None,
) -> str | None:
    if len(request.headers.getlist("idempotency-key")) > 1:
        raise invalid(request, {"Idempotency-Key": "sent more than once"})
    if idempotency_key is not None and not re.fullmatch(r"[\x21-\x7e]{1,255}", idempotency_key):
        raise invalid(request, {"Idempotency-Key": "1 to 255 visible characters"})
    return idempotency_key


async def _required_idempotency_key(key: Annotated[str | None, Depends(_idempotency_key)]) -> str:
    if key is None:
        raise IdempotencyKeyRequired
    return key


@dataclass(frozen=True)
class Limits:
    """The rate limits, for one request."""

    services: Services
    response: Response

    async def take(self, scope: ratelimits.Scope, whose: int | str) -> None:
        """Count the request and let the answer say how much is left. Raises `RateLimited`."""
        services = self.services
        headers = await ratelimits.take(services.limiter, services.settings, scope, whose)
        self.tell(headers)

    def tell(self, headers: Mapping[str, str]) -> None:
        """Let the answer say what a story counted by itself."""
        self.response.headers.update(headers)


async def _limits(request: Request, response: Response) -> Limits:
    return Limits(services_of(request), response)


async def _notifier_address(request: Request, limits: Annotated[Limits, Depends(_limits)]) -> str:
    """The address a notification really came from. Raises `NotifierRefused` unless it is on the allow-list.

    Each address is counted before it is refused, and strangers on accounts of their own: a flood of theirs cannot cost
    a notification of YooKassa's.
    """
    settings = services_of(request).settings
    peer = request.client.host if request.client else ""
    try:
        address = client_address(
            peer,
            request.headers.getlist("x-forwarded-for"),
            trust=settings.webhook_trust_xff,
            trusted_proxies=settings.webhook_trusted_proxies,
        )
    except UntrustedAddress as error:
        await _count_stranger(limits, peer)
        log.warning("webhook.refused", peer=peer, reason=str(error))
        raise NotifierRefused from None
    if not is_inside(address, settings.webhook_allowed_networks):
        await _count_stranger(limits, counted_as(address))
        log.warning("webhook.refused", peer=peer, client_ip=str(address), reason="not on the allow-list")
        raise NotifierRefused
    await limits.take(ratelimits.WEBHOOK_TRUSTED, str(address))
    return str(address)


async def _count_stranger(limits: Limits, whose: str) -> None:
    """All of them together first: a flood from a million addresses makes no more keys and log lines than that."""
    await limits.take(ratelimits.WEBHOOK_STRANGERS, "all")
    await limits.take(ratelimits.WEBHOOK, whose)


async def _signed_body(request: Request, _: Annotated[str, Depends(_notifier_address)]) -> bytes:
    """The body as it was sent. With `WEBHOOK_HMAC_SECRET` set, raises `SignatureRefused` unless it is signed by it."""
    body = await request.body()
    secret = services_of(request).settings.webhook_hmac_secret
    if secret is None:
        return body
    signatures = request.headers.getlist("x-webhook-signature")
    if not is_signed(secret.get_secret_value().encode(), body, signatures):
        log.warning("webhook.signature_refused", signatures=len(signatures))
        raise SignatureRefused
    return body


ServicesDep = Annotated[Services, Depends(_services)]
Caller = Annotated[ServiceToken, Depends(_caller)]
UserId = Annotated[int, Depends(_user_id)]
IdempotencyKey = Annotated[str | None, Depends(_idempotency_key)]
RequiredIdempotencyKey = Annotated[str, Depends(_required_idempotency_key)]
LimitsDep = Annotated[Limits, Depends(_limits)]
NotifierAddress = Annotated[str, Depends(_notifier_address)]
SignedBody = Annotated[bytes, Depends(_signed_body)]


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
