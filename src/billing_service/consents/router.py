"""What a user agrees to."""

from fastapi import APIRouter

from billing_service.consents import service
from billing_service.consents.schemas import (
    ConsentIn,
    ConsentListOut,
    ConsentOut,
    consent_out,
    listed_consent_out,
)
from billing_service.consents.service import Word
from billing_service.web.dependencies import Caller, PayerDep, ServicesDep, UserId
from billing_service.web.errors.payments import InvalidPlan
from billing_service.web.errors.requests import USER, UserMoved, ValidationFailed
from billing_service.web.responses import answers, leads_to
from billing_service.web.routes import needs

router = APIRouter(prefix="/api/v1/billing", tags=["Consents"], route_class=needs("user"))

THIS_CONSENT = {"consent_id": "$response.body#/consent_id", "X-User-Id": "$request.header.X-User-Id"}


@router.post(
    "/consents/",
    status_code=201,
    summary="Agree to be charged again",
    responses=answers(
        *USER, InvalidPlan, UserMoved, ValidationFailed({"fields": {"document_version": "Field required"}})
    )
    | leads_to(201, "withdraw_consent", **THIS_CONSENT),
)
async def give_consent(
    body: ConsentIn, user_id: UserId, caller: Caller, payer: PayerDep, services: ServicesDep
) -> ConsentOut:
    """Written down with the plan's price and days of now. For a day it counts as if it came along with a purchase of
    that plan, with a binding, and with switching auto-renewal on; a refusal of the card takes it back."""
    word = Word(user_id, body.document_version, caller.owner, payer)
    return consent_out(await service.give(services, word, body.plan_code))


@router.get("/consents/", summary="What the user agreed to", responses=answers(*USER))
async def list_consents(user_id: UserId, services: ServicesDep) -> ConsentListOut:
    """Newest first, what was withdrawn included."""
    consents = await service.list_of(services, user_id)
    return ConsentListOut(results=[listed_consent_out(consent) for consent in consents])
