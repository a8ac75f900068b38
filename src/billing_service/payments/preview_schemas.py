"""How a purchase looks before it is made, on the wire."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from billing_service.kit.money import to_wire
from billing_service.kit.wire import UtcTime
from billing_service.outlooks.decision import Because
from billing_service.payments.orders import CURRENCY
from billing_service.payments.preview import Preview
from billing_service.payments.schemas import PlanCode


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
    next_charge: NextChargeOut | None = Field(
        description="What renewals charge once it is paid, as things stand now, not before `charge_at`, which moves "
        "on with `until`."
    )
    no_charge_because: Because | None = Field(
        description="What would be missing then for a next charge, as `subscription/` says it. Null if there is one."
    )


def preview_out(seen: Preview) -> PreviewOut:
    planned = seen.outlook.planned
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
            "next_charge": planned
            and NextChargeOut(charge_at=planned.charge_at, amount=to_wire(planned.basis.terms.amount)),
            "no_charge_because": None if planned else seen.outlook.because,
        }
    )
