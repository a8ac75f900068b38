"""Plans on sale; public."""

from fastapi import APIRouter

from billing_service.deps import PublicRoute, ServicesDep
from billing_service.errors import TemporarilyUnavailable, answers
from billing_service.plans import queries
from billing_service.plans.schemas import PlanOut

router = APIRouter(prefix="/api/v1/billing", tags=["Plans"], route_class=PublicRoute)


@router.get("/plans/", summary="What is on sale", responses=answers(TemporarilyUnavailable))
async def list_plans(services: ServicesDep) -> list[PlanOut]:
    """Active plans by price, the free one included. Public: no token is needed."""
    async with services.db.begin() as session:
        return [PlanOut.of(plan) for plan in await queries.list_on_sale(session)]
