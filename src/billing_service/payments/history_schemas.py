"""How what was bought looks on the wire."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from billing_service.kit.wire import UtcTime
from billing_service.payments.cancellations import explain
from billing_service.payments.history import Shown
from billing_service.payments.schemas import PAYMENT_ID, WireStatus, link_of, wire_status
from billing_service.payments.states import Status
from billing_service.refunds.models import Refund

PAID: dict[str, JsonValue] = {
    "id": PAYMENT_ID,
    "amount": 299.0,
    "currency": "RUB",
    "status": "succeeded",
    "paid_at": "2026-11-21T18:04:11.482000Z",
    "created_at": "2026-11-21T18:02:40.115000Z",
    "description": "EatFit24: PRO месяц",
    "refunded_amount": 0.0,
}
BACK: dict[str, JsonValue] = {
    "amount": 100.0,
    "currency": "RUB",
    "status": "succeeded",
    "created_at": "2026-11-22T09:15:03.201000Z",
    "completed_at": "2026-11-22T09:15:03.957000Z",
}


class PaymentOut(BaseModel):
    """A payment in the user's history. `amount` and `refunded_amount` are in roubles; `refunded`: all is back."""

    model_config = ConfigDict(json_schema_extra={"example": PAID})

    id: UUID
    amount: float
    currency: str
    status: WireStatus
    paid_at: UtcTime | None
    created_at: UtcTime
    description: str
    refunded_amount: float = Field(description="What went back of it so far.")


class PaymentListOut(BaseModel):
    """The user's payments, newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"results": [PAID]}})

    results: list[PaymentOut]


class CancellationOut(BaseModel):
    """Why it was canceled: the provider's words, and ours for the person."""

    party: str | None
    reason: str | None
    message: str


class ReturnOut(BaseModel):
    """Money of the payment that went back, or is on its way. `amount` is in roubles."""

    model_config = ConfigDict(json_schema_extra={"example": BACK})

    amount: float
    currency: str
    status: Literal["pending", "succeeded"]
    created_at: UtcTime
    completed_at: UtcTime | None


class PaymentDetailOut(PaymentOut):
    """What the page after the return needs: `confirmation_url` only while it can still be paid."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": PAYMENT_ID,
                "amount": 299.0,
                "currency": "RUB",
                "status": "canceled",
                "paid_at": None,
                "created_at": "2026-11-21T18:02:40.115000Z",
                "description": "EatFit24: PRO месяц",
                "plan_code": "PRO_MONTHLY",
                "confirmation_url": None,
                "refunded_amount": 0.0,
                "refunds": [],
                "receipt_url": None,
                "cancellation": {
                    "party": "payment_network",
                    "reason": "insufficient_funds",
                    "message": explain("insufficient_funds"),
                },
            }
        }
    )

    plan_code: str | None
    confirmation_url: str | None
    receipt_url: str | None = Field(description="The receipt at the tax office, once it is registered there.")
    cancellation: CancellationOut | None
    refunds: list[ReturnOut] = Field(description="The oldest first.")


def payment_out(shown: Shown) -> PaymentOut:
    payment, returned = shown
    all_back = payment.state is Status.SUCCEEDED and returned >= payment.amount
    return PaymentOut(
        id=payment.id,
        amount=float(payment.amount),
        currency=payment.currency,
        status="refunded" if all_back else wire_status(payment),
        paid_at=payment.paid_at,
        created_at=payment.created_at,
        description=payment.description,
        refunded_amount=float(returned),
    )


def payment_detail_out(shown: Shown, refunds: Sequence[Refund], receipt_url: str | None) -> PaymentDetailOut:
    payment = shown.payment
    canceled = payment.state is Status.CANCELED
    return PaymentDetailOut(
        **payment_out(shown).model_dump(),
        plan_code=payment.plan_code,
        confirmation_url=link_of(payment),
        receipt_url=receipt_url,
        cancellation=CancellationOut(
            party=payment.cancellation_party,
            reason=payment.cancellation_reason,
            message=explain(payment.cancellation_reason),
        )
        if canceled
        else None,
        refunds=[_return_out(refund) for refund in refunds],
    )


def _return_out(refund: Refund) -> ReturnOut:
    return ReturnOut(
        amount=float(refund.amount),
        currency=refund.currency,
        status=refund.state.lower(),
        created_at=refund.created_at,
        completed_at=refund.completed_at,
    )
