"""The control API put together."""

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline

from billing_service.sandbox.control import faults, log, methods, objects, payments, shop
from billing_service.sandbox.control.deps import no_stranger, whole_text
from billing_service.sandbox.delivery.sender import NotificationSender
from billing_service.sandbox.model.errors import ImpossibleMove
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.scheduler import Scheduler


def control_app(yookassa: Yookassa, scheduler: Scheduler, sender: NotificationSender) -> FastAPI:
    """Its page is /_sandbox/docs; 409 is what a state does not allow, 404 an unknown id."""
    app = FastAPIOffline(
        title="YooKassa sandbox: control",
        version="1",
        redoc_url=None,
        dependencies=[Depends(no_stranger), Depends(whole_text)],
        responses={
            400: {"description": "The body is no text"},
            403: {"description": "Another site's page sent it"},
        },
    )
    app.state.yookassa, app.state.scheduler, app.state.sender = yookassa, scheduler, sender
    app.add_exception_handler(ImpossibleMove, _impossible)
    for room in (payments, methods, objects, shop, faults, log):
        app.include_router(room.router)
    app.include_router(methods.tokens_router)
    return app


async def _impossible(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=409)
