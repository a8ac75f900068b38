"""The front door: what answers here, in which version, and where to read on."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from billing_service.kit.version import VERSION
from billing_service.web.dependencies import ServicesDep
from billing_service.web.routes import PublicRoute

router = APIRouter(tags=["Platform"], route_class=PublicRoute)


class LinksOut(BaseModel):
    """Addresses on this host; `demo` is there in dev mode only."""

    docs: str
    openapi: str
    demo: str | None
    live: str
    ready: str
    metrics: str


class IndexOut(BaseModel):
    """What answers here, and where to read on."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "service": "billing-service",
                "version": "0.1.0",
                "links": {
                    "docs": "/docs",
                    "openapi": "/openapi.json",
                    "demo": None,
                    "live": "/health/live",
                    "ready": "/health/ready",
                    "metrics": "/metrics",
                },
            }
        }
    )

    service: Literal["billing-service"]
    version: str
    links: LinksOut


@router.get("/", summary="What answers here, and where to read on")
async def get_index(request: Request, services: ServicesDep) -> IndexOut:
    """Public, and the same for everybody: nothing of it is about a user."""
    root = str(request.scope["root_path"])
    return IndexOut(
        service="billing-service",
        version=VERSION,
        links=LinksOut(
            docs=f"{root}/docs",
            openapi=f"{root}/openapi.json",
            demo=f"{root}/demo/" if services.settings.is_dev else None,
            live=f"{root}/health/live",
            ready=f"{root}/health/ready",
            metrics=f"{root}/metrics",
        ),
    )
