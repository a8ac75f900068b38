"""What a user agrees to."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from billing_service.consents import service
from billing_service.consents.schemas import (
    CONSENT_ID,
    ConsentIn,
    ConsentListOut,
    ConsentOut,
    ListedConsentOut,
    consent_out,
    listed_consent_out,
)
from billing_service.consents.service import Word
from billing_service.web.dependencies import Caller, PayerDep, ServicesDep, UserId
from billing_service.web.errors import USER, ConsentNotFound, InvalidPlan, ValidationFailed
from billing_service.web.responses import answers, leads_to
from billing_service.web.routes import needs

router = APIRouter(prefix="/api/v1/billing", tags=["Consents"], route_class=needs("user"))

NamedConsent = Annotated[UUID, Path(description="The `consent_id` of the consent.", examples=[CONSENT_ID])]
NOT_A_UUID = "Input should be a valid UUID, invalid length: found 4"
THIS_CONSENT = {"consent_id": "$response.body#/consent_id", "X-User-Id": "$request.header.X-User-Id"}


@router.post(
    "/consents/",
    status_code=201,
    summary="Agree to be charged again",
    responses=answers(
        *USER, InvalidPlan, ValidationFailed({"fields": {"document_version": "Field required"}})
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


@router.delete(
    "/consents/{consent_id}/",
    summary="Withdraw a consent",
    responses=answers(*USER, ValidationFailed({"fields": {"consent_id": NOT_A_UUID}}), ConsentNotFound),
)
async def withdraw_consent(
    consent_id: NamedConsent, user_id: UserId, services: ServicesDep
) -> ListedConsentOut:
    """Auto-renewal goes off, the card is kept. A second time changes nothing."""
    return listed_consent_out(await service.withdraw(services, user_id, consent_id))
