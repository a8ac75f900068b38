"""The saved payment method: shown, and refused for good."""

from fastapi import APIRouter

from billing_service.payment_methods import service
from billing_service.payment_methods.schemas import (
    CardBindingOut,
    PaymentMethodOut,
    RefusalOut,
    payment_method_out,
    refusal_out,
)
from billing_service.web.dependencies import Caller, PayerDep, ServicesDep, UserId
from billing_service.web.errors import USER, CardBindingNotAvailable
from billing_service.web.responses import answers
from billing_service.web.routes import needs

router = APIRouter(prefix="/api/v1/billing", tags=["Payment methods"], route_class=needs("user"))


@router.get("/payment-method/", summary="The saved payment method", responses=answers(*USER))
async def get_payment_method(user_id: UserId, services: ServicesDep) -> PaymentMethodOut:
    """What renewals would charge."""
    async with services.db.begin() as session:
        method = await service.get_active(session, services.settings, user_id)
    return payment_method_out(method)


@router.post(
    "/bind-card/start/",
    status_code=201,
    summary="Save a card",
    responses=answers(*USER, CardBindingNotAvailable),
)
async def start_card_binding(user_id: UserId) -> CardBindingOut:  # noqa: ARG001
    """Refused until cards can be saved: 409 `CARD_BINDING_NOT_AVAILABLE`."""
    raise CardBindingNotAvailable


@router.delete("/payment-method/", summary="Refuse to be charged again", responses=answers(*USER))
async def refuse_payment_method(
    user_id: UserId, caller: Caller, payer: PayerDep, services: ServicesDep
) -> RefusalOut:
    """At once and for good: no method of this user can be charged any more, auto-renewal goes off, and whatever he
    agreed to is withdrawn; a purchase that is still open keeps no card. Also without a method, after the subscription
    has ended, and twice: then the same receipt is answered."""
    receipt = await service.refuse(services, user_id=user_id, caller=caller.owner, payer=payer)
    return refusal_out(receipt)
