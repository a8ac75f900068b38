"""How plans look to whoever decides what is sold."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
)

from billing_service.audit.schemas import Author, Reason
from billing_service.audit.service import Entry
from billing_service.kit.money import from_wire, to_wire
from billing_service.kit.wire import UtcTime
from billing_service.plans.changes import terms_of
from billing_service.plans.field_types import (
    DailyLimits,
    Days,
    Description,
    DisplayName,
    Flag,
    HistoryDays,
    OldPrice,
    PhotoLimit,
    Price,
    VatCode,
)
from billing_service.plans.models import Plan

TERMS: dict[str, JsonValue] = {
    "display_name": "PRO 3 месяца",
    "description": "Безлимитное распознавание фото и расширенная статистика на 3 месяца",
    "price": "799.00",
    "old_price": "897.00",
    "duration_days": 90,
    "daily_photo_limit": None,
    "daily_limits": {},
    "history_days": 180,
    "ai_recognition": True,
    "advanced_stats": True,
    "priority_support": True,
    "is_active": True,
    "vat_code": None,
}
WHO: dict[str, JsonValue] = {"author": "owner", "reason": "новые цены с декабря"}
SHOWN: dict[str, JsonValue] = {
    "code": "PRO_MONTHLY",
    **TERMS,
    "display_name": "PRO месяц",
    "price": "349.00",
    "old_price": None,
    "duration_days": 30,
    "is_test": False,
    "created_at": "2026-11-21T09:00:00Z",
    "updated_at": "2026-11-27T09:00:00Z",
}
CHANGE: dict[str, JsonValue] = {
    "id": 17,
    "at": "2026-11-27T09:00:00Z",
    "action": "plan.changed",
    "caller": "admin",
    **WHO,
    "request_id": "9f1c2ab0",
    "before": {"price": "299.00"},
    "after": {"price": "349.00"},
}


def _absent() -> Any:  # noqa: ANN401 (what is not said has no value; `exclude_unset` leaves it out)
    return None


class _Terms(BaseModel):
    def terms(self) -> dict[str, object]:
        """What was said of the plan, money as `Decimal`."""
        said = self.model_dump(exclude={"code", "author", "reason"}, exclude_unset=True)
        return said | {
            name: from_wire(said[name]) for name in ("price", "old_price") if said.get(name) is not None
        }


class PlanChangeIn(_Terms):
    """What shall be another way; what is not named stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"price": "349.00", **WHO}})

    display_name: DisplayName = Field(default_factory=_absent)
    description: Description = Field(default_factory=_absent)
    price: Price = Field(default_factory=_absent)
    old_price: OldPrice = Field(default_factory=_absent)
    duration_days: Days = Field(default_factory=_absent)
    daily_photo_limit: PhotoLimit = Field(default_factory=_absent)
    daily_limits: DailyLimits = Field(default_factory=_absent)
    history_days: HistoryDays = Field(default_factory=_absent)
    ai_recognition: Flag = Field(default_factory=_absent)
    advanced_stats: Flag = Field(default_factory=_absent)
    priority_support: Flag = Field(default_factory=_absent)
    is_active: Annotated[Flag, Field(description="False: no longer sold.")] = Field(default_factory=_absent)
    vat_code: VatCode = Field(default_factory=_absent)
    author: Author
    reason: Reason


class NewPlanIn(_Terms):
    """A plan that was not there yet; its code and, once it is sold, its length are for good."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"code": "PRO_QUARTERLY", **TERMS, **WHO}}
    )

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,64}$")]
    display_name: DisplayName
    description: Description
    price: Price
    old_price: OldPrice = None
    duration_days: Days
    daily_photo_limit: PhotoLimit = None
    daily_limits: DailyLimits = Field(default_factory=dict)
    history_days: HistoryDays
    ai_recognition: Flag
    advanced_stats: Flag
    priority_support: Flag
    is_active: Flag = True
    vat_code: VatCode = None
    author: Author
    reason: Reason

    def terms(self) -> dict[str, object]:
        """All of them, also those that were left to their defaults."""
        unsaid: dict[str, object] = {
            "old_price": None,
            "daily_photo_limit": None,
            "daily_limits": {},
            "is_active": True,
            "vat_code": None,
        }
        return unsaid | super().terms()


OutPrice = Annotated[Decimal, PlainSerializer(to_wire, return_type=str)]


class PlanRecordOut(BaseModel):
    """A plan with all that is said of it; on sale if it `is_active` and no test."""

    model_config = ConfigDict(json_schema_extra={"example": SHOWN})

    code: str
    display_name: str
    description: str
    price: OutPrice
    old_price: OutPrice | None
    duration_days: int
    daily_photo_limit: int | None
    daily_limits: dict[str, int | None]
    history_days: int
    ai_recognition: bool
    advanced_stats: bool
    priority_support: bool
    is_active: bool
    vat_code: int | None
    is_test: bool
    created_at: UtcTime
    updated_at: UtcTime


class PlansOut(BaseModel):
    """By price."""

    model_config = ConfigDict(json_schema_extra={"example": {"results": [SHOWN]}})

    results: list[PlanRecordOut]


class PlanChangeOut(BaseModel):
    """Who changed what, when and why. `before` and `after` name what changed; null before it was added."""

    model_config = ConfigDict(json_schema_extra={"example": CHANGE})

    id: int
    at: UtcTime
    action: Annotated[str, Field(description="`plan.added` or `plan.changed`.")]
    caller: str
    author: str | None
    reason: str | None
    request_id: str
    before: dict[str, JsonValue] | None
    after: dict[str, JsonValue]


class PlanHistoryOut(BaseModel):
    """The newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"results": [CHANGE]}})

    results: list[PlanChangeOut]


def record_out(plan: Plan) -> PlanRecordOut:
    return PlanRecordOut(
        code=plan.code,
        is_test=plan.is_test,
        created_at=plan.created_at,
        updated_at=plan.updated_at,
        **terms_of(plan),
    )


def change_out(entry: Entry) -> PlanChangeOut:
    return PlanChangeOut(
        id=entry.id,
        at=entry.at,
        action=entry.action,
        caller=entry.caller,
        author=entry.author,
        reason=entry.reason,
        request_id=entry.request_id,
        before=entry.details.get("before"),
        after=entry.details["after"],
    )
