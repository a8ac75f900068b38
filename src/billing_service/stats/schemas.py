"""How the figures look on the wire."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from billing_service.kit.money import KOPECK
from billing_service.kit.wire import UtcTime
from billing_service.stats.days import Step
from billing_service.stats.service import A_MONTH, A_YEAR, Metric, Money, Point, Revenue, Series, Subscribers

Sum = Annotated[
    str,
    Field(
        pattern=r"^-?[0-9]+\.[0-9]{2}$",
        description="Roubles with two places; below zero where more went back than came in.",
        examples=["299.00"],
    ),
]
COUNTED = (
    "Users with a subscription here: whoever began a checkout, was given days, or was imported. "
    "Who has never been seen here is not counted, and who has become another number is counted under that one."
)


class ByCauseOut(BaseModel):
    """What gave them the days that are running now."""

    paid: int
    granted: int
    imported: int


class SubscribersOut(BaseModel):
    """Users at the instant `as_of`. `paid_total` are those who are PRO now, whatever gave them their days, and `free`
    the others; `monthly` and `yearly` are those of plans of a month and of a year. `grace` are those of `free` whose
    PRO is over and who may still be renewed."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "free": 812,
                "monthly": 140,
                "yearly": 48,
                "paid_total": 188,
                "by_plan": {"PRO_MONTHLY": 140, "PRO_YEARLY": 48},
                "by_cause": {"paid": 180, "granted": 6, "imported": 2},
                "grace": 3,
                "counted": COUNTED,
                "as_of": "2026-11-27T09:00:00.482000Z",
            }
        }
    )

    free: int
    monthly: int
    yearly: int
    paid_total: int
    by_plan: dict[str, int]
    by_cause: ByCauseOut
    grace: int
    counted: str = Field(description="Who is counted, and who is not.")
    as_of: UtcTime


class PlanRevenueOut(BaseModel):
    """Of one plan; `plan` is null for what was for none."""

    plan: str | None
    payments: int
    refunds: int
    gross: Sum
    refunded: Sum
    total: Sum


class RevenueOut(BaseModel):
    """`total` is `gross` less `refunded`, of the days from `from` (null: ever) to `to`, both included, in `timezone`.
    `mtd` is this month so far, `last_30d` the last thirty days, today included; refunds are taken off on the day they
    were made."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "from": "2026-11-01",
                "to": "2026-11-27",
                "total": "2689.00",
                "gross": "2789.00",
                "refunded": "100.00",
                "mtd": "2689.00",
                "last_30d": "2988.00",
                "currency": "RUB",
                "by_plan": [
                    {
                        "plan": "PRO_MONTHLY",
                        "payments": 1,
                        "refunds": 1,
                        "gross": "299.00",
                        "refunded": "100.00",
                        "total": "199.00",
                    },
                    {
                        "plan": "PRO_YEARLY",
                        "payments": 1,
                        "refunds": 0,
                        "gross": "2490.00",
                        "refunded": "0.00",
                        "total": "2490.00",
                    },
                ],
                "is_test": False,
                "timezone": "Europe/Moscow",
                "as_of": "2026-11-27T09:00:00.482000Z",
            }
        }
    )

    from_: date | None = Field(alias="from")
    to: date
    total: Sum
    gross: Sum
    refunded: Sum
    mtd: Sum
    last_30d: Sum
    currency: str
    by_plan: list[PlanRevenueOut]
    is_test: bool
    timezone: str
    as_of: UtcTime


class PointOut(BaseModel):
    """One step, named by its first day. `value` is the sum of `by`: a string for money, else a number."""

    date: date
    value: Sum | int
    by: dict[str, Sum | int]


class SeriesOut(BaseModel):
    """A point for every step of the days from `from` to `to`, both included, in `timezone`; the first and the last step
    may be shorter than the others."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "metric": "revenue",
                "unit": "RUB",
                "step": "week",
                "from": "2026-11-21",
                "to": "2026-11-27",
                "points": [
                    {"date": "2026-11-21", "value": "299.00", "by": {"PRO_MONTHLY": "299.00"}},
                    {"date": "2026-11-23", "value": "0.00", "by": {}},
                ],
                "is_test": False,
                "timezone": "Europe/Moscow",
                "as_of": "2026-11-27T09:00:00.482000Z",
            }
        }
    )

    metric: Metric
    unit: Annotated[str, Field(pattern="^(RUB|count)$")]
    step: Step
    from_: date = Field(alias="from")
    to: date
    points: list[PointOut]
    is_test: bool
    timezone: str
    as_of: UtcTime


def subscribers_out(counted: Subscribers) -> SubscribersOut:
    return SubscribersOut(
        free=counted.free,
        monthly=counted.of_days(A_MONTH),
        yearly=counted.of_days(A_YEAR),
        paid_total=counted.paid_total,
        by_plan=counted.by_plan(),
        by_cause=ByCauseOut(**counted.by_cause()),
        grace=counted.grace,
        counted=COUNTED,
        as_of=counted.as_of,
    )


def revenue_out(revenue: Revenue, *, zone: str, is_test: bool) -> RevenueOut:
    plans = revenue.asked.by_plan()
    return RevenueOut(
        **{"from": revenue.first},
        to=revenue.last,
        total=_sum(revenue.asked.kept),
        gross=_sum(revenue.asked.paid),
        refunded=_sum(revenue.asked.returned),
        mtd=_sum(revenue.month_to_date.kept),
        last_30d=_sum(revenue.last_30_days.kept),
        currency="RUB",
        by_plan=[_plan_out(plan, money) for plan, money in sorted(plans.items())],
        is_test=is_test,
        timezone=zone,
        as_of=revenue.as_of,
    )


def series_out(series: Series, *, zone: str, is_test: bool) -> SeriesOut:
    return SeriesOut(
        **{"from": series.days.first},
        to=series.days.last,
        metric=series.metric,
        unit="RUB" if series.metric.is_money else "count",
        step=series.step,
        points=[_point_out(point) for point in series.points],
        is_test=is_test,
        timezone=zone,
        as_of=series.as_of,
    )


def _plan_out(plan: str, money: Money) -> PlanRevenueOut:
    return PlanRevenueOut(
        plan=plan or None,
        payments=money.payments,
        refunds=money.refunds,
        gross=_sum(money.paid),
        refunded=_sum(money.returned),
        total=_sum(money.kept),
    )


def _point_out(point: Point) -> PointOut:
    by = {name: _shown(part) for name, part in point.by.items()}
    return PointOut(date=point.days.first, value=_shown(point.value), by=by)


def _shown(value: Decimal | int) -> str | int:
    return value if isinstance(value, int) else _sum(value)


def _sum(amount: Decimal) -> str:
    return f"{amount.quantize(KOPECK):f}"
