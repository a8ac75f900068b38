"""The saved payment method: shown, and refused for good."""

from fastapi import APIRouter

from billing_service.payment_methods import service, start_binding
from billing_service.payment_methods.schemas import (
    CardBindingIn,
    CardBindingOut,
    PaymentMethodOut,
    RefusalOut,
    card_binding_out,
    payment_method_out,
    refusal_out,
)
from billing_service.payment_methods.start_binding import Wish
from billing_service.web.dependencies import (
    Caller,
    IdempotencyKey,
    LimitsDep,
    PayerDep,
    ServicesDep,
    UserId,
)
from billing_service.web.errors.payments import YookassaRejected, YookassaUnavailable
from billing_service.web.errors.renewals import CardBindingNotAvailable, ConsentRequired
from billing_service.web.errors.requests import USER, IdempotencyKeyReused, UserMoved, ValidationFailed
from billing_service.web.ratelimits import ATTEMPTS
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
    responses=answers(
        *USER,
        ValidationFailed({"fields": {"consent.document_version": "Field required"}}),
        IdempotencyKeyReused,
        YookassaRejected,
        YookassaUnavailable,
        CardBindingNotAvailable,
        UserMoved,
        ConsentRequired,
        limited_by=(ATTEMPTS,),
    ),
)
async def start_card_binding(
    *,
    user_id: UserId,
    caller: Caller,
    payer: PayerDep,
    idempotency_key: IdempotencyKey,
    services: ServicesDep,
    limits: LimitsDep,
    body: CardBindingIn = CardBindingIn(),  # noqa: B008 (frozen)
) -> CardBindingOut:
    """Nothing is charged, and auto-renewal is not switched on by it. A consent that comes along is for the plan that
    the user had last; one that was given by `consents/` in the last 24 hours counts as well. As safe to repeat as
    `create-payment/`."""
    await limits.take(ATTEMPTS, user_id)
    version = body.consent.document_version if body.consent else None
    wish = Wish(user_id, caller.owner, payer, version, idempotency_key)
    return card_binding_out(await start_binding.start(services, wish))


@router.delete("/payment-method/", summary="Refuse to be charged again", responses=answers(*USER, UserMoved))
async def refuse_payment_method(
    user_id: UserId, caller: Caller, payer: PayerDep, services: ServicesDep
) -> RefusalOut:
    """At once and for good: no method of this user can be charged any more, auto-renewal goes off, and whatever he
    agreed to is withdrawn; a purchase that is still open keeps no card. Also without a method, after the subscription
    has ended, and twice: then the same receipt is answered."""
    receipt = await service.refuse(services, user_id=user_id, caller=caller.owner, payer=payer)
    return refusal_out(receipt)
