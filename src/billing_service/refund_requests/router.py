"""Asking for money back, and answering that."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from starlette.requests import Request

from billing_service.audit.service import Deed
from billing_service.kit.middleware import request_id_of
from billing_service.refund_requests import service
from billing_service.refund_requests.schemas import (
    CASE_ID,
    PAYMENT_ID,
    CaseOut,
    OperatorCaseListOut,
    OperatorCaseOut,
    ProspectOut,
    RefundRequestIn,
    RefuseRequestIn,
    case_out,
    operator_case_out,
    prospect_out,
)
from billing_service.web.dependencies import Caller, ServicesDep, UserId
from billing_service.web.errors.payments import PaymentNotFound
from billing_service.web.errors.refunds import NotRefundable, RefundRequestNotFound, RefundTooLarge
from billing_service.web.errors.requests import USER, PayloadInvalid, UserMoved, ValidationFailed
from billing_service.web.responses import EDGES, NO_REASON, answers, leads_to
from billing_service.web.routes import SAFE_TO_REPEAT, needs

payer_router = APIRouter(prefix="/api/v1/billing", tags=["Payments"], route_class=needs("user"))
operator_router = APIRouter(prefix="/internal/v1", tags=["Refunds"], route_class=needs("refund"))

NamedPayment = Annotated[
    UUID, Path(description="The `payment_id` that `create-payment/` answered.", examples=[PAYMENT_ID])
]
NamedCase = Annotated[UUID, Path(description="The `refund_request_id` of the list.", examples=[CASE_ID])]
Limit = Annotated[int, Query(ge=1, le=200, description="At most so many.", examples=[50])]
ITS_PAYMENT = {"payment_id": "$response.body#/payment_id", "X-User-Id": "$request.header.X-User-Id"}
NO_PAYMENT_ID = ValidationFailed(
    {"fields": {"payment_id": "Input should be a valid UUID, invalid length: found 4"}}
)
NO_WORDS = ValidationFailed({"fields": {"reason": "Field required"}})
NO_LIMIT = PayloadInvalid({"fields": {"limit": "Input should be less than or equal to 200"}})


@payer_router.get(
    "/payments/{payment_id}/refund-request/",
    summary="See what asking for a refund would give",
    responses=answers(*USER, NO_PAYMENT_ID, PaymentNotFound) | leads_to(200, "ask_for_refund", **ITS_PAYMENT),
)
async def preview_refund_request(
    payment_id: NamedPayment, user_id: UserId, services: ServicesDep
) -> ProspectOut:
    """The sum, what becomes of the access, and the newest request of this payment. Nothing is written; another user's
    payment is a 404."""
    return prospect_out(await service.look(services, user_id, payment_id))


@payer_router.post(
    "/payments/{payment_id}/refund-request/",
    status_code=201,
    summary="Ask for a refund",
    responses=answers(*USER, NO_WORDS, PaymentNotFound, NotRefundable, RefundTooLarge, UserMoved),
    openapi_extra=SAFE_TO_REPEAT,
)
async def ask_for_refund(
    *, payment_id: NamedPayment, body: RefundRequestIn, user_id: UserId, services: ServicesDep
) -> CaseOut:
    """Opens a case that somebody answers until `answer_by`, and switches auto-renewal off at once. No money moves yet.

    While a case of this payment is open it is answered again, whatever the reason of now.
    """
    return case_out(await service.ask(services, user_id, payment_id, body.reason))


@operator_router.get(
    "/refund-requests/",
    summary="Refund requests that are open",
    responses=answers(*EDGES, NO_LIMIT)
    | leads_to(200, "refuse_refund_request", refund_request_id="$response.body#/results/0/refund_request_id"),
)
async def list_refund_requests(services: ServicesDep, limit: Limit = 50) -> OperatorCaseListOut:
    """The one that must be answered first comes first. A refund of its payment that succeeds concludes a request,
    wherever it was made."""
    cases = await service.list_open(services, limit=limit)
    return OperatorCaseListOut(results=[operator_case_out(case) for case in cases])


@operator_router.post(
    "/refund-requests/{refund_request_id}/refuse/",
    summary="Refuse a refund request",
    responses=answers(*EDGES, NO_REASON, RefundRequestNotFound),
    openapi_extra=SAFE_TO_REPEAT,
)
async def refuse_refund_request(
    *,
    refund_request_id: NamedCase,
    body: RefuseRequestIn,
    caller: Caller,
    services: ServicesDep,
    request: Request,
) -> OperatorCaseOut:
    """The payer reads the reason. What is concluded already stays as it is, and is answered; so does what is open while
    a refund that was sent in answer to it is on its way."""
    deed = Deed(caller.owner, body.author, body.reason, request_id_of(request))
    return operator_case_out(await service.refuse(services, refund_request_id, deed))
