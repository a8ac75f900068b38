"""Buying and looking at what was bought."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import BeforeValidator

from billing_service.npd import service as npd
from billing_service.payments import checkout, history, live_shop_check, preview
from billing_service.payments.history_schemas import (
    PaymentDetailOut,
    PaymentListOut,
    payment_detail_out,
    payment_out,
)
from billing_service.payments.orders import Order
from billing_service.payments.preview_schemas import PreviewIn, PreviewOut, preview_out
from billing_service.payments.schemas import (
    PAYMENT_ID,
    CreatedPaymentOut,
    CreatePaymentIn,
    LiveTestIn,
    LiveTestOut,
    created_payment_out,
    live_test_out,
)
from billing_service.refunds import service as refunds
from billing_service.web.dependencies import Caller, IdempotencyKey, LimitsDep, PayerDep, ServicesDep, UserId
from billing_service.web.errors.payments import (
    InvalidPlan,
    LiveTestPlanNotFound,
    LiveTestRefused,
    MissingPlanCode,
    PaymentNotFound,
    PreviewStale,
    ReceiptContactRequired,
    YookassaRejected,
    YookassaUnavailable,
)
from billing_service.web.errors.renewals import RenewalInProgress
from billing_service.web.errors.requests import USER, IdempotencyKeyReused, UserMoved, ValidationFailed
from billing_service.web.ratelimits import ATTEMPTS, CREATE_PAYMENT, POLLING
from billing_service.web.responses import answers, leads_to
from billing_service.web.routes import SAFE_TO_REPEAT, needs

USUAL, MOST = 10, 100


def _how_many(asked: object) -> int:
    """As the legacy API: held to 1..100, and what is no number means the usual."""
    try:
        return min(max(int(str(asked)), 1), MOST)
    except ValueError:
        return USUAL


HowMany = Annotated[
    int,
    BeforeValidator(_how_many),
    Query(description=f"How many; held to 1..{MOST}, and {USUAL} if it is no number."),
]
router = APIRouter(prefix="/api/v1/billing", tags=["Payments"], route_class=needs("user"))

NamedPayment = Annotated[
    UUID, Path(description="The `payment_id` that `create-payment/` answered.", examples=[PAYMENT_ID])
]
NOT_A_UUID = "Input should be a valid UUID, invalid length: found 4"
ITS_PAYMENT = {"payment_id": "$response.body#/payment_id", "X-User-Id": "$request.header.X-User-Id"}


@router.post(
    "/create-payment/",
    status_code=201,
    summary="Buy a plan",
    responses=answers(
        *USER,
        MissingPlanCode,
        InvalidPlan,
        ValidationFailed,
        PreviewStale,
        ReceiptContactRequired,
        IdempotencyKeyReused,
        RenewalInProgress,
        UserMoved,
        YookassaRejected,
        YookassaUnavailable,
        limited_by=(CREATE_PAYMENT, ATTEMPTS),
    )
    | leads_to(201, "get_payment", "preview_refund_request", **ITS_PAYMENT),
)
async def create_payment(
    *,
    body: CreatePaymentIn,
    user_id: UserId,
    caller: Caller,
    idempotency_key: IdempotencyKey,
    payer: PayerDep,
    services: ServicesDep,
    limits: LimitsDep,
) -> CreatedPaymentOut:
    """A payment with a link to pay it.

    Safe to repeat: the same `Idempotency-Key` gives the same payment, and without one an open checkout for the same
    plan is handed out again. After a 503 ask again with the same key: it continues the same payment.

    Take a new key for a new wish to pay: once `confirmation_url` is null the payment was paid, declined or expired, and
    after `YOOKASSA_REJECTED` it was refused, so that the old key can only answer the same again.
    """
    await limits.take(ATTEMPTS, user_id)
    order = Order(
        caller=caller.owner,
        user_id=user_id,
        plan_code=body.plan_code,
        return_url=body.return_url,
        save_payment_method=body.save_payment_method,
        idempotency_key=idempotency_key,
        consent_version=body.consent.document_version if body.consent else None,
        payer=payer,
        receipt_contact=body.receipt_contact.contact if body.receipt_contact else None,
        preview_id=body.preview_id,
    )
    purchase = await checkout.start(services, order)
    limits.tell(purchase.limits)
    return created_payment_out(purchase.payment, not_saved_because=purchase.not_saved_because)


@router.post(
    "/create-payment/preview/",
    summary="See what buying a plan would give",
    responses=answers(*USER, MissingPlanCode, InvalidPlan, ValidationFailed),
    openapi_extra=SAFE_TO_REPEAT,
)
async def preview_payment(*, body: PreviewIn, user_id: UserId, services: ServicesDep) -> PreviewOut:
    """From when and until when, at which price, and what becomes of what the user has. Nothing is written.

    Send its `preview_id` with `create-payment/`: what is bought then is what was shown, or 409 `PREVIEW_STALE`.
    """
    return preview_out(await preview.preview(services, user_id, body.plan_code))


@router.post(
    "/create-test-live-payment/",
    status_code=201,
    summary="Try the live shop for one rouble",
    responses=answers(
        *USER,
        ValidationFailed({"fields": {"return_url": "Input should be a valid string"}}),
        LiveTestRefused,
        LiveTestPlanNotFound,
        UserMoved,
        ReceiptContactRequired,
        IdempotencyKeyReused,
        YookassaRejected,
        YookassaUnavailable,
        limited_by=(CREATE_PAYMENT, ATTEMPTS),
    )
    | leads_to(201, "get_payment", **ITS_PAYMENT),
)
async def create_test_live_payment(
    *,
    user_id: UserId,
    caller: Caller,
    idempotency_key: IdempotencyKey,
    services: ServicesDep,
    limits: LimitsDep,
    body: LiveTestIn = LiveTestIn(),  # noqa: B008 (frozen)
) -> LiveTestOut:
    """Real money, for administrators only, and only while the service sells in the live shop. As safe to repeat as
    `create-payment/`."""
    await limits.take(ATTEMPTS, user_id)
    order = live_shop_check.order(
        caller=caller.owner,
        user_id=user_id,
        return_url=body.return_url,
        idempotency_key=idempotency_key,
        receipt_contact=body.receipt_contact.contact if body.receipt_contact else None,
    )
    purchase = await live_shop_check.start(services, order)
    limits.tell(purchase.limits)
    return live_test_out(purchase.payment)


@router.get("/payments/", summary="The user's payments", responses=answers(*USER))
async def list_payments(
    user_id: UserId,
    services: ServicesDep,
    limit: HowMany = USUAL,
) -> PaymentListOut:
    """Newest first."""
    async with services.statements.transaction() as tx:
        payments = await history.list_newest(tx, user_id, limit=limit)
    return PaymentListOut(results=[payment_out(payment) for payment in payments])


@router.get(
    "/payments/{payment_id}/",
    summary="One payment",
    responses=answers(
        *USER,
        ValidationFailed({"fields": {"payment_id": NOT_A_UUID}}),
        PaymentNotFound,
        limited_by=(POLLING,),
    ),
)
async def get_payment(
    payment_id: NamedPayment, user_id: UserId, services: ServicesDep, limits: LimitsDep
) -> PaymentDetailOut:
    """For the page after the return: ask until `status` is no longer `pending`. Another user's payment is a 404."""
    await limits.take(POLLING, user_id)
    async with services.statements.transaction() as tx:
        payment = await history.get_shown(tx, user_id, payment_id)
        if payment is None:
            raise PaymentNotFound
        refunded = await refunds.list_shown(tx, payment_id)
        return payment_detail_out(payment, refunded, await npd.get_link(tx, payment_id))
