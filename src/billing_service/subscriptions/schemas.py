"""How a subscription and a payment method look on the wire."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class PaymentMethodOut(BaseModel):
    """The saved card, if any. A card is only ever shown by its last four digits."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"is_attached": False, "card_mask": None, "card_brand": None}}
    )

    is_attached: bool
    card_mask: str | None
    card_brand: str | None


class SubscriptionOut(BaseModel):
    """`expires_at` is a date in the service's time zone (Moscow unless configured otherwise), null with `free`.

    `pro` that is not active ended on that date.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "plan": "pro",
                "plan_display": "PRO",
                "expires_at": "2026-12-21",
                "is_active": True,
                "autorenew_available": False,
                "autorenew_enabled": False,
                "card_bound": False,
                "payment_method": {"is_attached": False, "card_mask": None, "card_brand": None},
            }
        }
    )

    plan: Literal["free", "pro"]
    plan_display: Literal["Free", "PRO"]
    expires_at: date | None
    is_active: bool
    autorenew_available: bool
    autorenew_enabled: bool
    card_bound: bool
    payment_method: PaymentMethodOut


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

    payment_id: UUID
    confirmation_url: str


class AutorenewIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"enabled": True}})

    enabled: bool
