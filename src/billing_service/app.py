"""The HTTP way in."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from billing_service.alarms import service as alarms
from billing_service.charging.router import router as charging
from billing_service.config import Settings
from billing_service.consents.router import router as consents
from billing_service.demo.clock import TurnableClock
from billing_service.erasure.router import router as erasure
from billing_service.events.router import router as events
from billing_service.events.webhooks import webhooks as told
from billing_service.grant_batches.router import router as grant_batches
from billing_service.grants.router import router as grants
from billing_service.kit.db import is_unavailable
from billing_service.kit.errors import BillingError
from billing_service.kit.failures import answer_to
from billing_service.kit.garbage import collect_seldom
from billing_service.kit.http_metrics import Measured
from billing_service.kit.middleware import BodyLimit, EitherSlash, RequestContext
from billing_service.npd import router as npd
from billing_service.observability import tracing
from billing_service.observability.metrics import show_shop
from billing_service.operations import health, index
from billing_service.payment_methods.router import router as payment_methods
from billing_service.payments.router import router as payments
from billing_service.plans.operator_router import router as plan_changes
from billing_service.plans.router import router as plans
from billing_service.receipts.router import router as receipts
from billing_service.refund_requests.router import operator_router as refund_requests
from billing_service.refund_requests.router import payer_router as refund_wishes
from billing_service.refunds.router import router as refunds
from billing_service.renewals.operator_router import forecast_router, notices_router
from billing_service.renewals.router import router as renewals
from billing_service.schema.compatibility import refuse_unfit
from billing_service.services import Services, open_services
from billing_service.stats.router import router as stats
from billing_service.subscribers.router import router as subscribers
from billing_service.timeline.router import router as timeline
from billing_service.usage import router as usage
from billing_service.user_moves.router import router as user_moves
from billing_service.user_states.router import router as user_states
from billing_service.web.dependencies import INTERNAL, invalid
from billing_service.web.errors.requests import (
    MethodNotAllowed,
    PayloadTooLarge,
    RouteNotFound,
    TemporarilyUnavailable,
)
from billing_service.web.openapi import describe
from billing_service.web.routes import PublicRoute, ScopedRoute
from billing_service.webhooks.router import router as webhooks

log = structlog.get_logger()

# The busiest first: a route is looked for in this order.
ROUTERS = (
    usage.me,
    usage.usage,
    plans,
    user_states,
    webhooks,
    renewals,
    payment_methods,
    payments,
    refunds,
    refund_wishes,
    refund_requests,
    usage.admin,
    consents,
    grants,
    grant_batches,
    plan_changes,
    charging,
    events,
    notices_router,
    forecast_router,
    npd.read,
    npd.admin,
    receipts,
    subscribers,
    timeline,
    stats,
    erasure,
    user_moves,
    health.router,
    index.router,
)
LEGACY = "/api/v1/billing/"
WITHOUT_SLASH = frozenset({"/api/v1/billing/webhooks/yookassa"})
MAX_BODY = 64 * 1024
BY_STATUS: dict[int, type[BillingError]] = {404: RouteNotFound, 405: MethodNotAllowed, 413: PayloadTooLarge}


def create_app(
    settings: Settings, services: Services | None = None, *, clock: TurnableClock | None = None
) -> FastAPI:
    """The application. With `services` given it uses those (and does not close them); else it opens its own.

    `clock` is what the demo of dev mode turns.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with tracing.exporting(settings.otel_exporter_otlp_endpoint, "billing-api"):
            async with open_services(settings) as own, alarms.telling(own):
                session = await refuse_unfit(own.db, settings)
                log.info(
                    "api.started", mode=settings.yookassa_mode, shop_id=settings.shop_id, session=session
                )
                app.state.services = own
                collect_seldom()
                yield

    app = FastAPIOffline(
        title="EatFit24 billing",
        redoc_url=None,
        lifespan=None if services else lifespan,
        redirect_slashes=False,
    )
    if services:
        app.state.services = services
    for router in ROUTERS:
        refuse_unowned(router)
        # Not `include_router`, whose routes are matched twice, with a lot of bookkeeping, once for the router itself.
        app.router.routes.extend(router.routes)
    if settings.admin_enabled:
        # Loaded only then, as the demo is: a process without them pays no memory for them.
        panel = import_module("billing_service.admin.site")
        app.router.routes.extend(panel.routes(app, settings))
    if settings.is_dev:
        demo = import_module("billing_service.demo.site")
        app.router.routes.extend(demo.routes(app, settings, clock))
    app.webhooks = told
    describe(app)
    show_shop(settings.yookassa_mode)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_middleware(EitherSlash, prefixes=(LEGACY, INTERNAL), bare=WITHOUT_SLASH)
    app.add_middleware(BodyLimit, max_bytes=MAX_BODY)
    app.add_middleware(RequestContext, on_crash=_answer_crash)
    app.add_middleware(Measured)
    return app


def refuse_unowned(router: APIRouter) -> None:
    """Deny by default: a route that is neither scoped nor declared public stops the start."""
    for route in router.routes:
        if not isinstance(route, PublicRoute | ScopedRoute):
            raise TypeError(f"{route} says neither which scope it needs nor that it is public")


async def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    fields = {_field(one): one["msg"] for one in error.errors()}
    return answer_to(request, invalid(request, fields))


def _field(error: Mapping[str, Any]) -> str:
    """What was wrong: the path of a field, or the body when it could not even be read."""
    path = () if error["type"] == "json_invalid" else error["loc"][1:]
    return ".".join(map(str, path)) or "body"


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    if known := BY_STATUS.get(error.status_code):
        answer = answer_to(request, known())
        answer.headers.update(error.headers or {})
        if known is MethodNotAllowed:
            answer.headers["Allow"] = ", ".join(sorted(_methods_at(request)))
        return answer
    # What is left is a body that FastAPI could not even parse.
    return answer_to(request, invalid(request, {"body": "cannot be read"}))


def _methods_at(request: Request) -> set[str]:
    """What may be asked at this path: Starlette names the methods of the first of its routes only."""
    path = request.scope["path"]
    return {
        method
        for route in request.app.router.routes
        if isinstance(route, Route) and route.path_regex.match(path)
        for method in route.methods or ()
    }


def _answer_crash(request: Request, error: Exception) -> Response:
    if is_unavailable(error):
        log.warning("database.missed", path=request.url.path, error=type(error).__name__)
        return answer_to(request, TemporarilyUnavailable())
    log.error("request.crashed", path=request.url.path, method=request.method, exc_info=error)
    return answer_to(request, BillingError())
