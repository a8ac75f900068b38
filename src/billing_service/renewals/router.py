"""A user's subscription, as the legacy frontend reads it, and his wish that it goes on, or no longer."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from billing_service.consents.schemas import CONSENT_ID
from billing_service.payment_methods.queries import Charge
from billing_service.renewals import service
from billing_service.renewals.schemas import (
    AutorenewIn,
    SubscriptionOut,
    WithdrawnConsentOut,
    subscription_out,
    withdrawn_consent_out,
)
from billing_service.services import Services
from billing_service.web.dependencies import ServicesDep, UserId
from billing_service.web.errors.renewals import (
    ConsentNotFound,
    ConsentRequired,
    NotAvailableForFree,
    PaymentMethodRequired,
    RecurringDisabled,
)
from billing_service.web.errors.requests import USER, UserMoved, ValidationFailed
from billing_service.web.responses import answers
from billing_service.web.routes import SAFE_TO_REPEAT, needs

router = APIRouter(prefix="/api/v1/billing", route_class=needs("user"))

NamedConsent = Annotated[UUID, Path(description="The `consent_id` of the consent.", examples=[CONSENT_ID])]
NOT_A_UUID = "Input should be a valid UUID, invalid length: found 4"


@router.get(
    "/subscription/", tags=["Subscription"], summary="The user's subscription", responses=answers(*USER)
)
async def get_subscription(user_id: UserId, services: ServicesDep) -> SubscriptionOut:
    """Free or PRO, and until when. A user we have never seen is on Free; reading never writes.

    A PRO that ended at most 30 days ago is still `pro`, with `is_active: false` and the day of its end.
    """
    return await _shown(services, user_id)


@router.post(
    "/subscription/autorenew/",
    tags=["Subscription"],
    summary="Switch auto-renewal",
    responses=answers(
        *USER,
        ValidationFailed({"fields": {"enabled": "Field required"}}),
        NotAvailableForFree,
        PaymentMethodRequired,
        RecurringDisabled,
        ConsentRequired,
        UserMoved,
    ),
    openapi_extra=SAFE_TO_REPEAT,
)
async def set_autorenew(user_id: UserId, body: AutorenewIn, services: ServicesDep) -> SubscriptionOut:
    """Answers what `subscription/` does. Switching on needs a saved method, and a consent that covers the plan's price
    and days of now; while renewals are off it is 409 `RECURRING_DISABLED`. Switching off is never refused. It names a
    charge that may have left before: it gives its days and goes back with them. A repeat changes nothing."""
    in_flight = await service.switch(services, user_id, on=body.enabled)
    return await _shown(services, user_id, in_flight)


@router.delete(
    "/consents/{consent_id}/",
    tags=["Consents"],
    summary="Withdraw a consent",
    responses=answers(
        *USER, ValidationFailed({"fields": {"consent_id": NOT_A_UUID}}), ConsentNotFound, UserMoved
    ),
)
async def withdraw_consent(
    consent_id: NamedConsent, user_id: UserId, services: ServicesDep
) -> WithdrawnConsentOut:
    """Auto-renewal goes off, the card is kept. A charge that may have left before is named: it gives its days and goes
    back with them. A second time changes nothing."""
    return withdrawn_consent_out(*await service.withdraw(services, user_id, consent_id))


async def _shown(services: Services, user_id: int, in_flight: Charge | None = None) -> SubscriptionOut:
    overview = await service.get_overview(services, user_id, in_flight)
    return subscription_out(overview, services.settings.billing_timezone)
