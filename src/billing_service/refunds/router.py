"""Sending money back, and looking at what was sent."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from starlette.requests import Request

from billing_service.kit.middleware import request_id_of
from billing_service.refunds import service
from billing_service.refunds.orders import Order
from billing_service.refunds.schemas import (
    PAYMENT_ID,
    REFUND_ID,
    RefundIn,
    RefundListOut,
    RefundOut,
    refund_out,
)
from billing_service.web.dependencies import Caller, RequiredIdempotencyKey, ServicesDep
from billing_service.web.errors.payments import PaymentNotFound, ReceiptContactRequired
from billing_service.web.errors.refunds import (
    AccessExceedsRefund,
    NotRefundable,
    RefundNotFound,
    RefundRejected,
    RefundTooLarge,
    RefundUnanswered,
)
from billing_service.web.errors.requests import IdempotencyKeyRequired, IdempotencyKeyReused, PayloadInvalid
from billing_service.web.responses import EDGES, NO_REASON, Responses, answers, leads_to
from billing_service.web.routes import needs

router = APIRouter(prefix="/internal/v1", tags=["Refunds"], route_class=needs("refund"))

NamedPayment = Annotated[UUID, Path(description="Our id of the payment.", examples=[PAYMENT_ID])]
NamedRefund = Annotated[UUID, Path(description="The `refund_id` of an answer.", examples=[REFUND_ID])]
ITS_LINKS = {
    **leads_to(201, "get_refund", refund_id="$response.body#/refund_id")[201]["links"],
    **leads_to(201, "list_refunds", payment_id="$response.body#/payment_id")[201]["links"],
}
FOLLOWED_BY: Responses = {201: {"links": ITS_LINKS}}
NOT_A_UUID = "Input should be a valid UUID, invalid length: found 4"
NO_PAYMENT_ID = PayloadInvalid({"fields": {"payment_id": NOT_A_UUID}})
NO_REFUND_ID = PayloadInvalid({"fields": {"refund_id": NOT_A_UUID}})


@router.post(
    "/payments/{payment_id}/refunds/",
    status_code=201,
    summary="Send money back",
    responses=answers(
        *EDGES,
        NO_REASON,
        PaymentNotFound,
        NotRefundable,
        RefundTooLarge,
        AccessExceedsRefund,
        ReceiptContactRequired,
        IdempotencyKeyRequired,
        IdempotencyKeyReused,
        RefundRejected,
        RefundUnanswered,
    )
    | FOLLOWED_BY,
)
async def create_refund(
    *,
    payment_id: NamedPayment,
    body: RefundIn,
    caller: Caller,
    idempotency_key: RequiredIdempotencyKey,
    services: ServicesDep,
    request: Request,
) -> RefundOut:
    """All that is left of a payment, or a part. Written to the audit log.

    Safe to repeat with the same `Idempotency-Key`, which is required: nothing else tells a double click from two
    refunds. The answer is the refund as it is now. After a 503 it goes on in the background; ask again with the same
    key. A refund that ended `canceled` is never sent again by itself: a new one needs a new key.
    """
    order = Order(
        payment_id=payment_id,
        amount=body.money,
        access=body.access,
        reason=body.reason,
        author=body.author,
        caller=caller.owner,
        idempotency_key=idempotency_key,
        request_id=request_id_of(request),
        receipt_contact=body.receipt_contact.contact if body.receipt_contact else None,
    )
    return refund_out(await service.start(services, order))


@router.get(
    "/payments/{payment_id}/refunds/",
    summary="The refunds of a payment",
    responses=answers(*EDGES, NO_PAYMENT_ID, PaymentNotFound),
)
async def list_refunds(payment_id: NamedPayment, services: ServicesDep) -> RefundListOut:
    """The oldest first, those made in YooKassa's cabinet included."""
    refunds = await service.list_of(services, payment_id)
    return RefundListOut(results=[refund_out(refund) for refund in refunds])


@router.get(
    "/refunds/{refund_id}/", summary="One refund", responses=answers(*EDGES, NO_REFUND_ID, RefundNotFound)
)
async def get_refund(refund_id: NamedRefund, services: ServicesDep) -> RefundOut:
    """As it is now."""
    return refund_out(await service.get(services, refund_id))
