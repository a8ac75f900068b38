"""A user's subscription, as the legacy frontend reads it, and his wish that it goes on."""

from zoneinfo import ZoneInfo

from fastapi import APIRouter

from billing_service.payment_methods.schemas import payment_method_out
from billing_service.renewals import service
from billing_service.renewals.schemas import AutorenewIn, SubscriptionOut
from billing_service.renewals.service import Overview
from billing_service.services import Services
from billing_service.web.dependencies import ServicesDep, UserId
from billing_service.web.errors import (
    USER,
    ConsentRequired,
    NotAvailableForFree,
    PaymentMethodRequired,
    RecurringDisabled,
    ValidationFailed,
)
from billing_service.web.responses import answers
from billing_service.web.routes import SAFE_TO_REPEAT, needs

router = APIRouter(prefix="/api/v1/billing", tags=["Subscription"], route_class=needs("user"))


@router.get("/subscription/", summary="The user's subscription", responses=answers(*USER))
async def get_subscription(user_id: UserId, services: ServicesDep) -> SubscriptionOut:
    """Free or PRO, and until when. A user we have never seen is on Free; reading never writes.

    A PRO that ended at most 30 days ago is still `pro`, with `is_active: false` and the day of its end.
    """
    return await _shown(services, user_id)


@router.post(
    "/subscription/autorenew/",
    summary="Switch auto-renewal",
    responses=answers(
        *USER,
        ValidationFailed({"fields": {"enabled": "Field required"}}),
        NotAvailableForFree,
        PaymentMethodRequired,
        RecurringDisabled,
        ConsentRequired,
    ),
    openapi_extra=SAFE_TO_REPEAT,
)
async def set_autorenew(user_id: UserId, body: AutorenewIn, services: ServicesDep) -> SubscriptionOut:
    """Answers what `subscription/` does. Switching on needs a saved method, and a consent that covers the plan's price
    and days of now. A repeat changes nothing."""
    await service.switch(services, user_id, on=body.enabled)
    return await _shown(services, user_id)


async def _shown(services: Services, user_id: int) -> SubscriptionOut:
    async with services.db.begin() as session:
        overview = await service.get_overview(session, services.settings, user_id)
    return _subscription_out(overview, services.settings.billing_timezone)


def _subscription_out(overview: Overview, zone: ZoneInfo) -> SubscriptionOut:
    standing = overview.standing
    return SubscriptionOut(
        plan="pro" if standing.pro else "free",
        plan_display="PRO" if standing.pro else "Free",
        expires_at=standing.until.astimezone(zone).date() if standing.until else None,
        is_active=standing.active,
        autorenew_available=overview.available,
        autorenew_enabled=overview.enabled,
        card_bound=overview.method is not None,
        payment_method=payment_method_out(overview.method),
    )
