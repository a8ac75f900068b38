"""How a plan looks on the wire."""

from pydantic import BaseModel, ConfigDict

from billing_service.kit.transaction import Row


class PlanOut(BaseModel):
    """A plan on sale. Prices are roubles, `price` as text and `old_price` as a number; `daily_photo_limit` null means
    unlimited."""

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
    price: str
    old_price: float | None
    is_popular: bool
    duration_days: int
    features: list[str]
    daily_photo_limit: int | None
    history_days: int
    ai_recognition: bool
    advanced_stats: bool
    priority_support: bool


def plan_out(row: Row) -> dict[str, object]:
    """The fields of `PlanOut`; the two that the frontend knows and nobody sets are always the same."""
    return {**row, "is_popular": False, "features": []}
