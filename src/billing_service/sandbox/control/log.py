"""What was asked of the provider, and what it told the shop."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel

from billing_service.sandbox.control.deps import TheCourier, TheWorld
from billing_service.sandbox.control.orders import UNKNOWN_OR_IMPOSSIBLE
from billing_service.sandbox.state import LoggedRequest, Notification

router = APIRouter(tags=["log"])
Limit = Annotated[int, Query(ge=1, le=1000)]


class Notifications(BaseModel):
    results: list[Notification]


class Requests(BaseModel):
    results: list[LoggedRequest]


@router.get("/requests")
async def list_requests(world: TheWorld, limit: Limit = 100) -> Requests:
    """The calls received, newest first, without credentials and card data."""
    return Requests(results=world.state.requests[::-1][:limit])


@router.get("/notifications")
async def list_notifications(world: TheWorld, limit: Limit = 100) -> Notifications:
    """The notifications, newest first, with every attempt to deliver them."""
    return Notifications(results=world.state.notifications[::-1][:limit])


@router.post("/notifications/{notification_id}/resend", responses=UNKNOWN_OR_IMPOSSIBLE)
async def resend(world: TheWorld, courier: TheCourier, notification_id: str) -> Notification:
    """Send it once more, whatever became of it."""
    for notification in world.state.notifications:
        if notification.id == notification_id:
            courier.resend(notification)
            return notification
    raise HTTPException(404, f"no notification {notification_id}")
