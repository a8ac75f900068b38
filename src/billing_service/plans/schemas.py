"""How a plan looks on the wire."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from billing_service.plans.models import Plan

Price = Annotated[Decimal, PlainSerializer(lambda value: f"{value:.2f}", return_type=str)]


class PlanOut(BaseModel):
    """A plan on sale. Prices are roubles as text; `daily_photo_limit` null means unlimited."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "code": "PRO_MONTHLY",
                "display_name": "PRO месяц",
                "price": "299.00",
                "old_price": None,
                "is_popular": False,
                "duration_days": 30,
                "features": [],
                "daily_photo_limit": None,
                "history_days": 180,
                "ai_recognition": True,
                "advanced_stats": True,
                "priority_support": True,
            }
        }
    )

    code: str
    display_name: str
    price: Price
    old_price: Price | None
    is_popular: bool
    duration_days: int
    features: list[str]
    daily_photo_limit: int | None
    history_days: int
    ai_recognition: bool
    advanced_stats: bool
    priority_support: bool

    @classmethod
    def of(cls, plan: Plan) -> "PlanOut":
        return cls(
            code=plan.code,
            display_name=plan.display_name,
            price=plan.price,
            old_price=plan.old_price,
            is_popular=False,
            duration_days=plan.duration_days,
            features=[],
            daily_photo_limit=plan.daily_photo_limit,
            history_days=plan.history_days,
            ai_recognition=plan.ai_recognition,
            advanced_stats=plan.advanced_stats,
            priority_support=plan.priority_support,
        )
