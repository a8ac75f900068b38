"""A user's subscription, as the legacy frontend reads it."""

from zoneinfo import ZoneInfo

from fastapi import APIRouter

from billing_service.subscriptions import service
from billing_service.subscriptions.schemas import (
    AutorenewIn,
    CardBindingOut,
    PaymentMethodOut,
    SubscriptionOut,
)
from billing_service.web.dependencies import ServicesDep, UserId
from billing_service.web.errors import USER, CardBindingNotAvailable, RecurringDisabled, ValidationFailed
from billing_service.web.responses import answers
from billing_service.web.routes import needs

router = APIRouter(prefix="/api/v1/billing", tags=["Subscription"], route_class=needs("user"))

NO_CARD = PaymentMethodOut(is_attached=False, card_mask=None, card_brand=None)


@router.get("/subscription/", summary="The user's subscription", responses=answers(*USER))
async def get_subscription(user_id: UserId, services: ServicesDep) -> SubscriptionOut:
    """Free or PRO, and until when. A user we have never seen is on Free; reading never writes.

    A PRO that ended at most 30 days ago is still `pro`, with `is_active: false` and the day of its end.
    """
    async with services.db.begin() as session:
        standing = await service.get_standing(session, user_id)
    return _subscription_out(standing, services.settings.billing_timezone)


@router.get("/payment-method/", summary="The saved card", responses=answers(*USER))
async def get_payment_method(user_id: UserId) -> PaymentMethodOut:  # noqa: ARG001 (names the user, as every route here)
    """Cards are not saved yet, so none is attached."""
    return NO_CARD


@router.post(
    "/subscription/autorenew/",
    summary="Switch auto-renewal",
    responses=answers(*USER, ValidationFailed({"fields": {"enabled": "Field required"}}), RecurringDisabled),
)
async def set_autorenew(user_id: UserId, body: AutorenewIn) -> SubscriptionOut:  # noqa: ARG001
    """Refused until renewals exist: 409 `RECURRING_DISABLED`."""
    raise RecurringDisabled


@router.post(
    "/bind-card/start/",
    status_code=201,
    summary="Save a card",
    responses=answers(*USER, CardBindingNotAvailable),
)
async def start_card_binding(user_id: UserId) -> CardBindingOut:  # noqa: ARG001
    """Refused until cards can be saved: 409 `CARD_BINDING_NOT_AVAILABLE`."""
    raise CardBindingNotAvailable


def _subscription_out(standing: service.Standing, zone: ZoneInfo) -> SubscriptionOut:
    return SubscriptionOut(
        plan="pro" if standing.pro else "free",
        plan_display="PRO" if standing.pro else "Free",
        expires_at=standing.until.astimezone(zone).date() if standing.until else None,
        is_active=standing.active,
        autorenew_available=False,
        autorenew_enabled=False,
        card_bound=False,
        payment_method=NO_CARD,
    )
