"""The stop switch."""

from fastapi import APIRouter
from starlette.requests import Request

from billing_service.audit.service import Deed
from billing_service.charging import service
from billing_service.charging.schemas import ChargingOut, SwitchIn, charging_out
from billing_service.kit.middleware import request_id_of
from billing_service.web.dependencies import Caller, ServicesDep
from billing_service.web.responses import EDGES, NO_REASON, answers
from billing_service.web.routes import needs

router = APIRouter(prefix="/internal/v1", tags=["Charging"], route_class=needs("admin"))


@router.get("/charging/", summary="Are saved methods charged?", responses=answers(*EDGES))
async def get_charging(services: ServicesDep) -> ChargingOut:
    """Who stopped it, since when and why."""
    return charging_out(await service.read(services))


@router.put("/charging/", summary="Stop or start charging", responses=answers(*EDGES, NO_REASON))
async def switch_charging(
    *, body: SwitchIn, caller: Caller, services: ServicesDep, request: Request
) -> ChargingOut:
    """A stop holds within a second in every process; a charge that has left is settled as ever. Safe to repeat."""
    deed = Deed(caller.owner, body.author, body.reason, request_id_of(request))
    act = service.start if body.charging else service.stop
    return charging_out(await act(services, deed))
