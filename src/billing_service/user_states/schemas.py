"""How the state of a user looks on the wire. Written as it is, and not validated again; tests hold it to its shape."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from billing_service.kit.money import to_wire
from billing_service.kit.wire import Roubles, UtcTime
from billing_service.outlooks.decision import Because, Outlook
from billing_service.payment_methods.schemas import payment_method_out
from billing_service.payments.preview_schemas import NextChargeOut
from billing_service.user_states.service import Status, UserState
from billing_service.web.dependencies import MAX_BIGINT

AT_MOST = 500
NamedId = Annotated[int, Field(ge=1, le=MAX_BIGINT, strict=True)]
STATE: dict[str, JsonValue] = {
    "user_id": 1001,
    "plan": "FREE",
    "plan_name": "Free",
    "is_paid": False,
    "status": "free",
    "access_until": None,
    "auto_renew": False,
    "payment_method": None,
    "features": {
        "history_days": 7,
        "daily_photo_limit": 3,
        "daily_limits": {},
        "ai_recognition": True,
        "advanced_stats": False,
        "priority_support": False,
    },
    "usage": {"used_today": 0, "held": 0, "remaining_today": 3, "resets_at": "2026-11-27T21:00:00Z"},
    "next_charge": None,
    "no_charge_because": "RENEWALS_OFF",
    "open_payment": None,
    "consent": None,
    "as_of": "2026-11-27T09:00:00.482000Z",
}


class FeaturesOut(BaseModel):
    """What the plan in force allows: -1 days of history are all of it, a limit of null is none. `daily_limits` are
    those of other features than photos; what is not named there is no part of the plan."""

    history_days: int
    daily_photo_limit: int | None
    daily_limits: dict[str, int | None]
    ai_recognition: bool
    advanced_stats: bool
    priority_support: bool


class UsageTodayOut(BaseModel):
    """As `users/{user_id}/usage/` says."""

    used_today: int
    held: int
    remaining_today: int | None
    resets_at: UtcTime


class MethodOut(BaseModel):
    """What renewals would charge: nothing of a card but its last four digits."""

    title: str | None
    card_mask: str | None
    card_brand: str | None
    expires: str | None


class OpenPaymentOut(BaseModel):
    """The newest checkout that may still be paid."""

    payment_id: UUID
    plan: str
    amount: Roubles
    currency: str
    is_recurring: bool
    created_at: UtcTime
    confirmation_url: str | None


class NewestConsentOut(BaseModel):
    """The newest consent that stands: not withdrawn, and the purchase or binding that it came along with was paid or
    confirmed."""

    consent_id: UUID
    document_version: str
    plan: str
    amount: Roubles
    currency: str
    period_days: int
    given_at: UtcTime


class UserStateOut(BaseModel):
    """Everything about one user at the instant `as_of`.

    `access_until` is when access ends, or has ended; null without any. `is_paid`: the plan in force is PRO, bought or
    given. `auto_renew` is the user's wish. `next_charge` and `no_charge_because` are those of `subscription/`: with
    both, it is planned and something has to come first: its day (`NOT_DUE`), or that the payer is told (`NOT_TOLD`).
    """

    model_config = ConfigDict(json_schema_extra={"example": STATE})

    user_id: int
    plan: str
    plan_name: str
    is_paid: bool
    status: Status
    access_until: UtcTime | None
    auto_renew: bool
    payment_method: MethodOut | None
    features: FeaturesOut
    usage: UsageTodayOut
    next_charge: NextChargeOut | None
    no_charge_because: Annotated[
        Because | None,
        Field(description="Why nothing is charged at this moment, or at all if there is no `next_charge`."),
    ]
    open_payment: OpenPaymentOut | None
    consent: NewestConsentOut | None
    as_of: UtcTime


class UsersQueryIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"user_ids": [1001, 1002]}})

    user_ids: Annotated[
        list[NamedId],
        Field(
            max_length=AT_MOST, description="At most 500; the answer has one state for each, in this order."
        ),
    ]


class UserStateListOut(BaseModel):
    """In the order of the question, all of one instant. A user we have never seen is on FREE."""

    model_config = ConfigDict(json_schema_extra={"example": {"results": [STATE]}})

    results: list[UserStateOut]


def state_out(state: UserState) -> dict[str, Any]:
    row, figures = state.row, state.figures
    return {
        "user_id": row["user_id"],
        "plan": row["plan_code"],
        "plan_name": row["plan_name"],
        "is_paid": state.plan.is_pro,
        "status": state.status,
        "access_until": row["access_until"],
        "auto_renew": state.facts.auto_renew,
        "payment_method": _method_out(state),
        "features": {
            "daily_photo_limit": row["daily_limit"],
            "daily_limits": orjson.loads(row["daily_limits"]),
            **{
                name: row[name]
                for name in ("history_days", "ai_recognition", "advanced_stats", "priority_support")
            },
        },
        "usage": {
            "used_today": figures.used,
            "held": figures.held,
            "remaining_today": figures.remaining,
            "resets_at": figures.resets_at,
        },
        "next_charge": _charge_out(state.outlook),
        "no_charge_because": state.outlook.because,
        "open_payment": _part(row, "payment", OpenPaymentOut),
        "consent": _part(row, "consent", NewestConsentOut),
        "as_of": state.now,
    }


def _method_out(state: UserState) -> dict[str, Any] | None:
    return payment_method_out(state.method).model_dump(exclude={"is_attached"}) if state.method else None


def _charge_out(outlook: Outlook) -> dict[str, Any] | None:
    planned = outlook.planned
    return planned and {"charge_at": planned.charge_at, "amount": to_wire(planned.basis.terms.amount)}


def _part(row: Any, prefix: str, shape: type[BaseModel]) -> dict[str, Any] | None:  # noqa: ANN401 (a row of asyncpg)
    """What stands in the columns `{prefix}_…`, if there is any."""
    if row[f"{prefix}_id"] is None:
        return None
    own = {name: row[f"{prefix}_{name.removeprefix(f'{prefix}_')}"] for name in shape.model_fields}
    return own | {f"{prefix}_id": str(row[f"{prefix}_id"]), "amount": to_wire(own["amount"])}
