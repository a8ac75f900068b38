"""What was asked of the provider, and what it told the shop."""

from typing import Annotated

from fastapi import HTTPException, Query
from pydantic import BaseModel

from billing_service.sandbox.control.deps import TheSender, TheYookassa, room
from billing_service.sandbox.control.orders import UNKNOWN_OR_IMPOSSIBLE
from billing_service.sandbox.model.state import LoggedRequest, Notification

router = room("log")
Limit = Annotated[int, Query(ge=1, le=1000)]


class Notifications(BaseModel):
    results: list[Notification]


class Requests(BaseModel):
    results: list[LoggedRequest]


@router.get("/requests")
async def list_requests(yookassa: TheYookassa, limit: Limit = 100) -> Requests:
    """The calls received, newest first, without credentials and card data."""
    return Requests(results=yookassa.state.requests[::-1][:limit])


@router.get("/notifications")
async def list_notifications(yookassa: TheYookassa, limit: Limit = 100) -> Notifications:
    """The notifications, newest first, with every attempt to deliver them."""
    return Notifications(results=yookassa.state.notifications[::-1][:limit])


@router.post("/notifications/{notification_id}/resend", responses=UNKNOWN_OR_IMPOSSIBLE)
async def resend(yookassa: TheYookassa, sender: TheSender, notification_id: str) -> Notification:
    """Send it once more, whatever became of it."""
    for notification in yookassa.state.notifications:
        if notification.id == notification_id:
            sender.resend(notification)
            return notification
    raise HTTPException(404, f"no notification {notification_id}")
