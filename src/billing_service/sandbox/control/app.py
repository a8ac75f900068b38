"""The control API put together."""

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline

from billing_service.sandbox.control import faults, log, methods, objects, payments, shop
from billing_service.sandbox.delivery.sender import NotificationSender
from billing_service.sandbox.model.errors import ImpossibleMove
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.scheduler import Scheduler

ROUTERS = (
    payments.router,
    methods.router,
    objects.router,
    shop.router,
    faults.router,
    log.router,
    methods.tokens_router,
)


def control_app(yookassa: Yookassa, scheduler: Scheduler, sender: NotificationSender) -> FastAPI:
    """Its page is /_sandbox/docs; 409 is what a state does not allow, 404 an unknown id."""
    app = FastAPIOffline(title="YooKassa sandbox: control", version="1", redoc_url=None)
    app.state.yookassa, app.state.scheduler, app.state.sender = yookassa, scheduler, sender
    app.add_exception_handler(ImpossibleMove, _impossible)
    for router in ROUTERS:
        # Not `include_router`, which makes every route anew for each application, at its first call.
        app.router.routes.extend(router.routes)
    return app


async def _impossible(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=409)
