"""How buying looks on the wire."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, WithJsonSchema

from billing_service.consents.schemas import InlineConsentIn
from billing_service.kit.money import to_wire
from billing_service.payments.models import Payment
from billing_service.payments.saving import Because
from billing_service.payments.states import Status
from billing_service.receipts.schemas import ReceiptContactIn

PAYMENT_ID = "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"
PROVIDER_ID = "30f5d918-000f-5000-8000-18db351245c7"
LINK = f"https://yoomoney.ru/checkout/payments/v2/contract?orderId={PROVIDER_ID}"
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


def wire_status(payment: Payment) -> WireStatus:
    """The words of the legacy API. Money that is only held is still on its way."""
    if payment.state is Status.WAITING_FOR_CAPTURE:
        return "pending"
    return payment.state.lower()  # type: ignore[return-value]


def link_of(payment: Payment) -> str | None:
    """Only while it can still be paid."""
    return payment.confirmation_url if payment.state is Status.PENDING else None


def _created(payment: Payment) -> dict[str, Any]:
    return {
        "payment_id": payment.id,
        "yookassa_payment_id": payment.yookassa_payment_id or "",
        "status": wire_status(payment),
        "confirmation_url": link_of(payment),
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
