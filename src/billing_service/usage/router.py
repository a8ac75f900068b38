"""The user's plan and what is left of today."""

from fastapi import APIRouter

from billing_service.config import Settings
from billing_service.deps import ServicesDep, UserId, needs
from billing_service.errors import USER, answers
from billing_service.usage import service
from billing_service.usage.schemas import MeOut

router = APIRouter(prefix="/api/v1/billing", tags=["Subscription"], route_class=needs("user"))


@router.get("/me/", summary="Plan, access and today's usage", responses=answers(*USER))
async def get_me(user_id: UserId, services: ServicesDep) -> MeOut:
    """What the app shows everywhere. No subscription means FREE; reading never writes."""
    async with services.db.begin() as session:
        today = await service.get_today(session, user_id, services.settings.billing_timezone)
    plan = today.access.plan
    return MeOut(
        plan_code=plan.code,
        plan_name=plan.display_name,
        expires_at=today.access.until,
        is_active=True,
        daily_photo_limit=plan.daily_photo_limit,
        used_today=today.used,
        remaining_today=today.remaining,
        test_live_payment_available=_may_pay_live_test(user_id, services.settings),
        resets_at=today.resets_at,
    )


def _may_pay_live_test(user_id: int, settings: Settings) -> bool:
    return settings.yookassa_mode == "prod" and user_id in settings.billing_admin_user_ids
