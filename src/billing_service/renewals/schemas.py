"""How a subscription looks on the wire."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from billing_service.payment_methods.schemas import NONE, PaymentMethodOut


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
                "payment_method": NONE,
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
