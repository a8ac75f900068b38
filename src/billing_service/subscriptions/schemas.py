"""How a subscription and a payment method look on the wire."""

from datetime import date
from typing import Literal

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


class AutorenewIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"enabled": True}})

    enabled: bool
