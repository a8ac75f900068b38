"""How a user's day looks on the wire."""

from pydantic import BaseModel, ConfigDict

from billing_service.kit.wire import UtcTime


class MeOut(BaseModel):
    """The plan in force and what is left of today; null limits mean unlimited."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "plan_code": "PRO_MONTHLY",
                "plan_name": "PRO месяц",
                "expires_at": "2026-12-21T18:04:11.482000Z",
                "is_active": True,
                "daily_photo_limit": None,
                "used_today": 4,
                "remaining_today": None,
                "test_live_payment_available": False,
                "resets_at": "2026-11-21T21:00:00Z",
            }
        }
    )

    plan_code: str
    plan_name: str
    expires_at: UtcTime | None
    is_active: bool
    daily_photo_limit: int | None
    used_today: int
    remaining_today: int | None
    test_live_payment_available: bool
    resets_at: UtcTime
