"""How saved payment methods look on the wire."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from billing_service.consents.schemas import InlineConsentIn
from billing_service.kit.money import to_wire
from billing_service.kit.wire import UtcTime
from billing_service.payment_methods.models import CardBinding, PaymentMethod, card_mask
from billing_service.payment_methods.queries import Charge
from billing_service.payment_methods.service import Receipt
from billing_service.payment_methods.states import Binding

NONE: dict[str, JsonValue] = {
    "is_attached": False,
    "card_mask": None,
    "card_brand": None,
    "title": None,
    "expires": None,
}
ATTACHED: dict[str, JsonValue] = {
    "is_attached": True,
    "card_mask": "•••• 4444",
    "card_brand": "MasterCard",
    "title": "Bank card *4444",
    "expires": "2030-11",
}
# What is shown of a method that the provider gives no title.
TITLES = {
    "bank_card": "Банковская карта",
    "mir_pay": "Mir Pay",
    "sberbank": "SberPay",
    "sbp": "СБП",
    "tinkoff_bank": "T-Pay",
    "yoo_money": "ЮMoney",
}


class PaymentMethodOut(BaseModel):
    """What renewals would charge, if anything. A card is only ever shown by its last four digits; other methods have no
    `card_mask`, and `title` says what they are."""

    model_config = ConfigDict(json_schema_extra={"example": ATTACHED})

    is_attached: bool
    card_mask: str | None
    card_brand: str | None
    title: str | None
    expires: str | None = Field(description="The card's last month, such as 2030-11.")


class ChargeInFlightOut(BaseModel):
    """A charge that may have left before: it is only asked about. If it succeeds, it gives its days and goes back."""

    payment_id: UUID
    amount: str
    currency: str


class RefusalOut(BaseModel):
    """The receipt of a refusal. `charge_in_flight` is null unless a request may already have left."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "refused_at": "2026-11-21T18:04:11.482000Z",
                "receipt_id": "5d1b7c9e-4f2a-4b6d-9e8c-7a6b5c4d3e2f",
                "autorenew_enabled": False,
                "charge_in_flight": None,
            }
        }
    )

    refused_at: UtcTime
    receipt_id: UUID
    autorenew_enabled: bool
    charge_in_flight: ChargeInFlightOut | None


def payment_method_out(method: PaymentMethod | None) -> PaymentMethodOut:
    shown: dict[str, Any] = dict(NONE)
    if method is not None:
        shown = {
            "is_attached": True,
            "card_mask": card_mask(method.card_last4),
            "card_brand": method.card_brand,
            "title": method.title or TITLES.get(method.type),
            "expires": method.expires,
        }
    return PaymentMethodOut(**shown)


def charge_in_flight_out(charge: Charge | None) -> ChargeInFlightOut | None:
    return charge and ChargeInFlightOut(
        payment_id=charge.id, amount=to_wire(charge.amount), currency=charge.currency
    )


def refusal_out(receipt: Receipt) -> RefusalOut:
    return RefusalOut(
        refused_at=receipt.refused_at,
        receipt_id=receipt.id,
        autorenew_enabled=False,
        charge_in_flight=charge_in_flight_out(receipt.in_flight),
    )


class CardBindingIn(BaseModel):
    """Nothing is needed if the user's consent was recorded before; whatever else is sent is ignored."""

    model_config = ConfigDict(
        frozen=True, json_schema_extra={"example": {"consent": {"document_version": "2026-11"}}}
    )

    consent: InlineConsentIn | None = None


class CardBindingOut(BaseModel):
    """Send the payer to `confirmation_url`, where the card is confirmed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "payment_id": "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11",
                "confirmation_url": "https://yoomoney.ru/checkout/payments/v2/contract"
                "?orderId=30f5d918-000f-5000-8000-18db351245c7",
            }
        }
    )

    payment_id: UUID = Field(description="Of the binding; no payment is made.")
    confirmation_url: str | None = Field(
        description="Null once it is over: `payment-method/` shows what is kept."
    )


def card_binding_out(binding: CardBinding) -> CardBindingOut:
    is_open = binding.state is Binding.PENDING
    return CardBindingOut(
        payment_id=binding.id, confirmation_url=binding.confirmation_url if is_open else None
    )
