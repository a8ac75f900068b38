"""Plans on sale; public."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from billing_service.kit.wire import json_answer
from billing_service.plans import queries
from billing_service.plans.schemas import PlanOut, plan_out
from billing_service.web.dependencies import services_of
from billing_service.web.errors.requests import TemporarilyUnavailable
from billing_service.web.responses import answers
from billing_service.web.routes import PublicRoute

router = APIRouter(prefix="/api/v1/billing", tags=["Plans"], route_class=PublicRoute)


@router.get(
    "/plans/",
    summary="What is on sale",
    response_model=list[PlanOut],
    responses=answers(TemporarilyUnavailable),
)
async def list_plans(request: Request) -> Response:
    """Active plans by price, the free one included. Public: no token is needed."""
    rows = await queries.list_on_sale(services_of(request).statements)
    return json_answer([plan_out(row) for row in rows])
