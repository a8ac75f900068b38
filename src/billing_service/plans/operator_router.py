"""Plans for whoever decides what is sold."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request

from billing_service.audit.service import Deed
from billing_service.kit.middleware import request_id_of
from billing_service.plans import changes
from billing_service.plans.operator_schemas import (
    NewPlanIn,
    PlanChangeIn,
    PlanHistoryOut,
    PlanRecordOut,
    PlansOut,
    change_out,
    record_out,
)
from billing_service.web.dependencies import Caller, ServicesDep
from billing_service.web.errors.operators import PlanExists, PlanNotFound, PlanTermsFrozen
from billing_service.web.errors.requests import PayloadInvalid
from billing_service.web.responses import EDGES, NO_REASON, answers
from billing_service.web.routes import SAFE_TO_REPEAT, needs

router = APIRouter(prefix="/internal/v1", tags=["Plans"], route_class=needs("admin"))

Code = Annotated[
    str, Path(pattern=r"^[A-Z0-9_]{1,64}$", description="The `code` of the plan.", examples=["PRO_MONTHLY"])
]
NO_CODE = PayloadInvalid({"fields": {"code": "String should match pattern '^[A-Z0-9_]{1,64}$'"}})


@router.get("/plans/", summary="Every plan, hidden ones too", responses=answers(*EDGES))
async def list_all_plans(services: ServicesDep) -> PlansOut:
    """Those that are no longer sold, the free one and the test of the live shop included."""
    return PlansOut(results=[record_out(plan) for plan in await changes.list_all(services)])


@router.post(
    "/plans/",
    status_code=201,
    summary="Add a plan",
    responses=answers(*EDGES, NO_REASON, PlanExists, PlanTermsFrozen),
    openapi_extra=SAFE_TO_REPEAT,
)
async def add_plan(
    *, body: NewPlanIn, caller: Caller, services: ServicesDep, request: Request
) -> PlanRecordOut:
    """On sale at once unless `is_active` is false. A repeat on the same terms answers the same plan."""
    deed = Deed(caller.owner, body.author, body.reason, request_id_of(request))
    return record_out(await changes.add(services, body.code, body.terms(), deed))


@router.patch(
    "/plans/{code}/",
    summary="Change a plan",
    responses=answers(*EDGES, NO_REASON, PlanNotFound, PlanTermsFrozen),
)
async def change_plan(
    *, code: Code, body: PlanChangeIn, caller: Caller, services: ServicesDep, request: Request
) -> PlanRecordOut:
    """Holds for the next checkout, in every process. Open checkouts keep their price, and what was sold its days."""
    deed = Deed(caller.owner, body.author, body.reason, request_id_of(request))
    return record_out(await changes.change(services, code, body.terms(), deed))


@router.get(
    "/plans/{code}/history/",
    summary="Who changed a plan, and why",
    responses=answers(*EDGES, NO_CODE, PlanNotFound),
)
async def get_plan_history(*, code: Code, services: ServicesDep) -> PlanHistoryOut:
    """The newest change first, with what was so before."""
    return PlanHistoryOut(results=[change_out(entry) for entry in await changes.history(services, code)])
