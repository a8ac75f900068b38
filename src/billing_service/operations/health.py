"""What the platform asks: is the process alive, and may it be given work."""

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, ConfigDict
from redis.exceptions import RedisError
from starlette.responses import PlainTextResponse

from billing_service.kit.db import is_unavailable, unavailable_because
from billing_service.kit.redis import AnyRedis
from billing_service.observability.metrics import REGISTRY
from billing_service.operations import database_metrics as figures
from billing_service.schema.compatibility import unfit_because
from billing_service.web.dependencies import ServicesDep
from billing_service.web.routes import PublicRoute

router = APIRouter(tags=["Platform"], route_class=PublicRoute)


class LivenessOut(BaseModel):
    """It is alive."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok"}})

    status: Literal["ok"]


class ReadinessOut(BaseModel):
    """`redis` down is no reason to refuse work: it only holds what may be forgotten."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"status": "ok", "database": "ok", "redis": "up"}}
    )

    status: Literal["ok", "unfit"]
    database: str
    redis: Literal["up", "down"]


@router.get("/health/live", summary="Is the process alive")
async def get_liveness() -> LivenessOut:
    """200 for as long as it answers at all; neither the database nor Redis is asked."""
    return LivenessOut(status="ok")


@router.get(
    "/health/ready",
    summary="May it be given work",
    responses={503: {"model": ReadinessOut, "description": "Not now"}},
)
async def get_readiness(response: Response, services: ServicesDep) -> ReadinessOut:
    """503 while a payment could not be written down: the database cannot be reached, takes no writes, has no room, is
    not at the newest migration, or a right is missing.

    Asked on a connection of its own, however busy the others are.
    """
    try:
        async with services.db.aside() as connection:
            problem = await unfit_because(connection, services.settings)
    except Exception as error:
        if not is_unavailable(error):
            raise
        problem = unavailable_because(error)
    if problem:
        response.status_code = 503
    return ReadinessOut(
        status="unfit" if problem else "ok",
        database=problem or "ok",
        redis=await _redis_state(services.redis),
    )


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=PlainTextResponse,
    responses={
        200: {
            "description": "One line a figure.",
            "content": {"text/plain": {"example": 'billing_daily_limit_hits_total{plan="FREE"} 12.0'}},
        }
    },
)
async def get_metrics(services: ServicesDep) -> Response:
    """In Prometheus' text format: what this process counted, and what the database says now."""
    asked = await figures.gather(services)
    return Response(generate_latest(REGISTRY) + generate_latest(asked), media_type=CONTENT_TYPE_LATEST)


async def _redis_state(redis: AnyRedis) -> Literal["up", "down"]:
    try:
        await redis.ping()
    except (RedisError, OSError):
        return "down"
    return "up"
