"""How payments look on the wire."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, WithJsonSchema

from billing_service.consents.schemas import InlineConsentIn
from billing_service.kit.money import to_wire
from billing_service.kit.wire import UtcTime
from billing_service.payments.cancellations import explain
from billing_service.payments.history import Shown
from billing_service.payments.models import Payment
from billing_service.payments.orders import CURRENCY
from billing_service.payments.preview import Preview, WhyNoCharge
from billing_service.payments.saving import Because
from billing_service.payments.states import Status
from billing_service.receipts.schemas import ReceiptContactIn
from billing_service.refunds.models import Refund

PAYMENT_ID = "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"
PROVIDER_ID = "30f5d918-000f-5000-8000-18db351245c7"
LINK = f"https://yoomoney.ru/checkout/payments/v2/contract?orderId={PROVIDER_ID}"
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
CREATED: dict[str, JsonValue] = {
    "payment_id": PAYMENT_ID,
    "yookassa_payment_id": PROVIDER_ID,
    "status": "pending",
    "confirmation_url": LINK,
}
CONTACT = (
    "Where the payer's receipt goes, and later ones. Needed once where the shop fiscalises, else left aside. "
    "An `Idempotency-Key` stands for the same payment whatever it says."
)
WireStatus = Literal["pending", "succeeded", "canceled", "failed", "refunded"]


# Required, and yet it may be missing: that is answered with a code of its own, not as any other bad field.
PlanCode = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "description": "A `code` of `plans/`, the free one excepted."}),
]


class CreatePaymentIn(BaseModel):
    """Which plan to buy. Price and days are ours: whatever else is sent is ignored."""

    model_config = ConfigDict(
        json_schema_extra={
            "required": ["plan_code"],
            "example": {
                "plan_code": "PRO_MONTHLY",
                "return_url": "https://app.eatfit24.ru/subscription",
                "save_payment_method": True,
                "consent": {"document_version": "2026-11"},
                "receipt_contact": {"email": "payer@example.ru"},
            },
        }
    )

    plan_code: PlanCode = None
    return_url: str | None = Field(
        None, description="Where the payer comes back to; a host that is not ours is replaced by the default."
    )
    save_payment_method: bool = Field(
        False,
        description="Keep what is paid with, for renewals. Without a consent, or where nothing can be kept, the sale "
        "goes on and the answer says so.",
    )
    consent: InlineConsentIn | None = Field(
        None,
        description="The user agrees to be charged for this plan again; one given by `consents/` for the same plan in "
        "the last 24 hours counts as well.",
    )
    receipt_contact: ReceiptContactIn | None = Field(None, description=CONTACT)
    preview_id: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        None,
        description="What `create-payment/preview/` showed the payer; if anything of it is another way by now, nothing "
        "is bought and the answer is 409 `PREVIEW_STALE`. No part of what an `Idempotency-Key` stands for.",
    )


class PreviewIn(BaseModel):
    """Which plan to look at."""

    model_config = ConfigDict(
        json_schema_extra={"required": ["plan_code"], "example": {"plan_code": "PRO_MONTHLY"}}
    )

    plan_code: PlanCode = None


class RunningPlanOut(BaseModel):
    """What the user has already, and what becomes of it."""

    plan_code: str
    plan_name: str
    until: UtcTime
    becomes: Literal["goes_on", "replaced"] = Field(
        description="`goes_on`: to its end, what is bought begins then and no day is lost. `replaced`: the plan of a "
        "one-rouble payment, which what is bought hides."
    )


class NextChargeOut(BaseModel):
    """Roubles, as text."""

    charge_at: UtcTime
    amount: str


class PreviewOut(BaseModel):
    """The purchase as it would be if it were paid now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "preview_id": "5f1d7a84e1c94b0e8a0f3f4f0c5b7d21",
                "plan_code": "PRO_MONTHLY",
                "plan_name": "PRO месяц",
                "price": "299.00",
                "currency": "RUB",
                "duration_days": 30,
                "begins": "at_once",
                "from": "2026-11-21T18:04:11.482000Z",
                "until": "2026-12-21T18:04:11.482000Z",
                "plan_once_paid": "PRO_MONTHLY",
                "plan_after": "FREE",
                "running": None,
                "next_charge": None,
                "no_charge_because": "RENEWALS_OFF",
            }
        }
    )

    preview_id: str = Field(
        description="Send it with `create-payment/`, and what is bought is what is shown here."
    )
    plan_code: str
    plan_name: str
    price: str
    currency: str
    duration_days: int
    begins: Literal["at_once", "after_running"] = Field(
        description="`at_once`: at the instant it is paid, so `from` and `until` move on with the clock."
    )
    from_: UtcTime = Field(alias="from")
    until: UtcTime
    plan_once_paid: str = Field(description="The plan in force at the instant it is paid.")
    plan_after: str = Field(
        description="The plan in force from `until` on, unless something is bought until then."
    )
    running: RunningPlanOut | None
    next_charge: NextChargeOut | None
    no_charge_because: WhyNoCharge | None = Field(description="Null if there is a next charge.")


def preview_out(seen: Preview) -> PreviewOut:
    charge = None if isinstance(seen.next_charge, str) else seen.next_charge
    return PreviewOut.model_validate(
        {
            "preview_id": seen.preview_id,
            "plan_code": seen.plan.code,
            "plan_name": seen.plan.display_name,
            "price": to_wire(seen.plan.price),
            "currency": CURRENCY,
            "duration_days": seen.plan.duration_days,
            "begins": "at_once" if seen.place.is_at_once else "after_running",
            "from": seen.place.start,
            "until": seen.place.end,
            "plan_once_paid": seen.plan_once_paid,
            "plan_after": seen.plan_after,
            "running": seen.running
            and RunningPlanOut(
                plan_code=seen.running.plan.code,
                plan_name=seen.running.plan.display_name,
                until=seen.running.until,
                becomes="goes_on" if seen.running.goes_on else "replaced",
            ),
            "next_charge": charge
            and NextChargeOut(charge_at=charge.charge_at, amount=to_wire(charge.amount)),
            "no_charge_because": seen.next_charge if charge is None else None,
        }
    )


class _CreatedOut(BaseModel):
    """What every new payment answers."""

    payment_id: UUID
    yookassa_payment_id: str
    status: WireStatus = Field(description="`pending` for a new one; a repeat answers what became of it.")
    confirmation_url: str | None = Field(
        description="Null once it can no longer be paid: `payments/{payment_id}/` says why."
    )


class CreatedPaymentOut(_CreatedOut):
    """Send the payer to `confirmation_url`; ask `payments/{payment_id}/` when they come back."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": CREATED
            | {"method_will_be_saved": False, "not_saved_because": "RECURRING_NOT_AVAILABLE"}
        }
    )

    method_will_be_saved: bool
    not_saved_because: Because | None = Field(
        description="Null when saving was not asked for, or will be done. `CONSENT_REQUIRED`: ask the user."
    )


class LiveTestIn(BaseModel):
    """Nothing is needed; whatever else is sent is ignored."""

    model_config = ConfigDict(
        frozen=True, json_schema_extra={"example": {"return_url": "https://app.eatfit24.ru/subscription"}}
    )

    return_url: str | None = Field(
        None, description="Where the payer comes back to; a host that is not ours is replaced by the default."
    )
    receipt_contact: ReceiptContactIn | None = Field(None, description=CONTACT)


class LiveTestOut(_CreatedOut):
    """A real payment of the smallest price, in the live shop."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": CREATED | {"test_mode": True, "amount": "1.00", "yookassa_mode": "prod"}
        }
    )

    test_mode: Literal[True]
    amount: str = Field(description="In roubles, with two places.")
    yookassa_mode: Literal["prod"]


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


def _status(payment: Payment) -> WireStatus:
    """The words of the legacy API. Money that is only held is still on its way."""
    if payment.state is Status.WAITING_FOR_CAPTURE:
        return "pending"
    return payment.state.lower()  # type: ignore[return-value]


def _link(payment: Payment) -> str | None:
    """Only while it can still be paid."""
    return payment.confirmation_url if payment.state is Status.PENDING else None


def _created(payment: Payment) -> dict[str, Any]:
    return {
        "payment_id": payment.id,
        "yookassa_payment_id": payment.yookassa_payment_id or "",
        "status": _status(payment),
        "confirmation_url": _link(payment),
    }


def created_payment_out(payment: Payment, *, not_saved_because: Because | None) -> CreatedPaymentOut:
    return CreatedPaymentOut(
        **_created(payment),
        method_will_be_saved=payment.save_payment_method,
        not_saved_because=not_saved_because,
    )


def live_test_out(payment: Payment) -> LiveTestOut:
    return LiveTestOut(
        **_created(payment), test_mode=True, amount=to_wire(payment.amount), yookassa_mode="prod"
    )


def payment_out(shown: Shown) -> PaymentOut:
    payment, returned = shown
    all_back = payment.state is Status.SUCCEEDED and returned >= payment.amount
    return PaymentOut(
        id=payment.id,
        amount=float(payment.amount),
        currency=payment.currency,
        status="refunded" if all_back else _status(payment),
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
        confirmation_url=_link(payment),
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
