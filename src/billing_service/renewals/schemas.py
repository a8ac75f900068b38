"""How renewals look on the wire."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from billing_service.consents.models import Consent
from billing_service.consents.schemas import GIVEN, ListedConsentOut, listed_consent_out
from billing_service.kit.money import to_wire
from billing_service.kit.wire import UtcTime
from billing_service.outlooks.decision import Because, Outlook
from billing_service.outlooks.queries import CURRENCY
from billing_service.outlooks.service import Looked
from billing_service.payment_methods.queries import Charge
from billing_service.payment_methods.schemas import (
    NONE,
    ChargeInFlightOut,
    PaymentMethodOut,
    charge_in_flight_out,
    payment_method_out,
)
from billing_service.renewals.service import Overview

CHARGE: dict[str, JsonValue] = {
    "charge_at": "2026-12-20T09:00:00.000000Z",
    "plan_code": "PRO_MONTHLY",
    "amount": "299.00",
    "currency": "RUB",
}


class RenewalChargeOut(BaseModel):
    """What will be charged, not before `charge_at`, as things stand now."""

    model_config = ConfigDict(json_schema_extra={"example": CHARGE})

    charge_at: UtcTime
    plan_code: str
    amount: str
    currency: str


def renewal_charge_out(outlook: Outlook) -> RenewalChargeOut | None:
    if outlook.planned is None:
        return None
    terms = outlook.planned.basis.terms
    return RenewalChargeOut(
        charge_at=outlook.planned.charge_at,
        plan_code=terms.plan_code,
        amount=to_wire(terms.amount),
        currency=CURRENCY,
    )


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
                "next_charge": None,
                "no_charge_because": "AUTORENEW_OFF",
                "charge_in_flight": None,
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
    next_charge: RenewalChargeOut | None
    no_charge_because: Annotated[
        Because | None,
        Field(description="Why nothing is charged at this moment, or at all if there is no `next_charge`."),
    ]
    charge_in_flight: Annotated[
        ChargeInFlightOut | None, Field(description="Only in the answer that switches auto-renewal off.")
    ]


def subscription_out(overview: Overview, zone: ZoneInfo) -> SubscriptionOut:
    standing, outlook = overview.standing, overview.outlook
    return SubscriptionOut(
        plan="pro" if standing.pro else "free",
        plan_display="PRO" if standing.pro else "Free",
        expires_at=standing.until.astimezone(zone).date() if standing.until else None,
        is_active=standing.active,
        autorenew_available=overview.available,
        autorenew_enabled=overview.enabled,
        card_bound=overview.method is not None,
        payment_method=payment_method_out(overview.method),
        next_charge=renewal_charge_out(outlook),
        no_charge_because=outlook.because,
        charge_in_flight=charge_in_flight_out(overview.in_flight),
    )


class WithdrawnConsentOut(ListedConsentOut):
    """The consent as it is then. `charge_in_flight` is null unless a request may already have left."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": GIVEN | {"withdrawn_at": "2026-11-21T18:04:11.482000Z", "charge_in_flight": None}
        }
    )

    charge_in_flight: ChargeInFlightOut | None


def withdrawn_consent_out(consent: Consent, in_flight: Charge | None) -> WithdrawnConsentOut:
    return WithdrawnConsentOut(
        **listed_consent_out(consent).model_dump(), charge_in_flight=charge_in_flight_out(in_flight)
    )


class AutorenewIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"enabled": True}})

    enabled: bool


class DeliveredIn(BaseModel):
    """That the payer was told: by which channel, and when."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"channel": "telegram", "at": "2026-11-20T09:00:00Z"}},
    )

    channel: Annotated[str, Field(min_length=1, max_length=64, pattern=r"\S")]
    at: Annotated[AwareDatetime, Field(description="With its offset; not in the future.")]


class NoticeOut(BaseModel):
    """What holds now: `told_at` is never before the notice was written."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "notice_id": "9f1c2b3a-4d5e-4f60-8a7b-1c2d3e4f5a6b",
                "told_at": "2026-11-20T09:00:00.000000Z",
                "channel": "telegram",
                "charge_at": "2026-12-20T09:00:00.000000Z",
                "charge_until": "2026-12-26T09:00:00.000000Z",
            }
        }
    )

    notice_id: UUID
    told_at: UtcTime
    channel: str
    charge_at: UtcTime
    charge_until: UtcTime


class ForecastOut(BaseModel):
    """One subscription: what will be charged and when, or why not."""

    user_id: int
    access_until: UtcTime
    next_charge: RenewalChargeOut | None
    no_charge_because: Because | None


class DayOut(BaseModel):
    """Charges of one day in the service's time zone."""

    date: date
    charges: int
    amount: str


class ForecastListOut(BaseModel):
    """`by_day` adds up what is in `results`, day by day."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "results": [
                    {
                        "user_id": 1001,
                        "access_until": "2026-12-21T09:00:00.000000Z",
                        "next_charge": CHARGE,
                        "no_charge_because": "NOT_DUE",
                    }
                ],
                "by_day": [{"date": "2026-12-20", "charges": 1, "amount": "299.00"}],
                "currency": "RUB",
            }
        }
    )

    results: list[ForecastOut]
    by_day: list[DayOut]
    currency: Literal["RUB"] = "RUB"


def forecast_out(looked: Sequence[Looked], zone: ZoneInfo) -> ForecastListOut:
    return ForecastListOut(
        results=[
            ForecastOut(
                user_id=one.known.facts.user_id,
                access_until=one.known.facts.last.ends,
                next_charge=renewal_charge_out(one.outlook),
                no_charge_because=one.outlook.because,
            )
            for one in looked
            if one.known.facts.last
        ],
        by_day=by_day(looked, zone),
    )


def by_day(looked: Sequence[Looked], zone: ZoneInfo) -> list[DayOut]:
    """What is charged on which day, the first day first."""
    sums: dict[date, list[Decimal]] = {}
    for one in looked:
        if planned := one.outlook.planned:
            day = planned.charge_at.astimezone(zone).date()
            sums.setdefault(day, []).append(planned.basis.terms.amount)
    return [
        DayOut(date=day, charges=len(amounts), amount=to_wire(sum(amounts, Decimal(0))))
        for day, amounts in sorted(sums.items())
    ]
