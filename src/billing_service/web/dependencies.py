"""What a route may ask for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Annotated

import structlog
from fastapi import Depends, Header, Path
from starlette.requests import Request
from starlette.responses import Response

from billing_service.kit.errors import BillingError
from billing_service.kit.payer import Payer
from billing_service.kit.tokens import ServiceToken
from billing_service.services import Services
from billing_service.web import ratelimits
from billing_service.web.errors.requests import (
    IdempotencyKeyRequired,
    PayloadInvalid,
    UserMalformed,
    UserRequired,
    ValidationFailed,
)

INTERNAL = "/internal/v1/"
CALLER = "billing.caller"
MAX_BIGINT = 2**63 - 1
USER_ID = re.compile(r"[0-9]{1,19}")
AGENT_AT_MOST = 400
log = structlog.get_logger()


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


async def _payer(
    x_user_ip: Annotated[
        str | None, Header(description="The payer's address, as you see it.", examples=["203.0.113.7"])
    ] = None,
    x_user_agent: Annotated[
        str | None, Header(description="The payer's user agent.", examples=["Mozilla/5.0 (iPhone)"])
    ] = None,
) -> Payer:
    agent = "".join(one for one in x_user_agent or "" if one.isprintable())[:AGENT_AT_MOST]
    return Payer(_address(x_user_ip), agent or None)


def _address(said: str | None) -> str | None:
    """A sale does not fail for a header that nobody needs: what is no address is left out."""
    try:
        return str(ip_address(said.strip())) if said and said.strip() else None
    except ValueError:
        log.warning("payer_address.left_out", length=len(said or ""))
        return None


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


ServicesDep = Annotated[Services, Depends(_services)]
Caller = Annotated[ServiceToken, Depends(_caller)]
UserId = Annotated[int, Depends(_user_id)]
# Whom an address of /internal/v1 names.
NamedUser = Annotated[
    int, Path(ge=1, le=MAX_BIGINT, description="The user's id in the main backend.", examples=[1001])
]
IdempotencyKey = Annotated[str | None, Depends(_idempotency_key)]
PayerDep = Annotated[Payer, Depends(_payer)]
RequiredIdempotencyKey = Annotated[str, Depends(_required_idempotency_key)]
LimitsDep = Annotated[Limits, Depends(_limits)]
