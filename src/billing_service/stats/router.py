"""Figures over all users and all money."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from billing_service.stats import service
from billing_service.stats.days import Step
from billing_service.stats.schemas import (
    RevenueOut,
    SeriesOut,
    SubscribersOut,
    revenue_out,
    series_out,
    subscribers_out,
)
from billing_service.stats.service import Asked, Metric
from billing_service.web.dependencies import ServicesDep
from billing_service.web.errors.requests import PayloadInvalid
from billing_service.web.responses import EDGES, answers
from billing_service.web.routes import needs

router = APIRouter(prefix="/internal/v1", tags=["Stats"], route_class=needs("read"))

From = Annotated[date | None, Query(alias="from", description="The first day.", examples=["2026-11-01"])]
To = Annotated[
    date | None, Query(description="The last day, included; today if missing.", examples=["2026-11-27"])
]
IsTest = Annotated[
    bool, Query(description="Payments of the test shop in place of the real ones, which leave them out.")
]
BACKWARDS = PayloadInvalid({"fields": {"to": "before the first day"}})


@router.get("/stats/subscribers/", summary="How many have access", responses=answers(*EDGES))
async def count_subscribers(services: ServicesDep) -> SubscribersOut:
    """Of one instant: free and PRO, by plan and by what gave it."""
    return subscribers_out(await service.count_subscribers(services))


@router.get(
    "/stats/revenue/", summary="What came in, less what went back", responses=answers(*EDGES, BACKWARDS)
)
async def sum_revenue(
    services: ServicesDep, from_: From = None, to: To = None, is_test: IsTest = False
) -> RevenueOut:
    """Of the days that are named, or of all; of this month so far; of the last thirty days. Test payments are left out:
    `is_test=true` shows them, and only them."""
    revenue = await service.sum_revenue(services, from_, to, is_test=is_test)
    return revenue_out(revenue, zone=services.settings.billing_timezone.key, is_test=is_test)


@router.get("/stats/series/", summary="Figures for a chart", responses=answers(*EDGES, BACKWARDS))
async def list_series(
    *,
    services: ServicesDep,
    metric: Annotated[Metric, Query(description="What is counted.", examples=["revenue"])],
    from_: From = None,
    to: To = None,
    step: Annotated[Step, Query(description="How long a point is.", examples=["week"])] = Step.DAY,
    is_test: IsTest = False,
) -> SeriesOut:
    """At most 400 points; without days the thirty up to today.

    * `revenue` (refunds taken off, so that its points add up to `stats/revenue/`) and `refunds`, by plan
    * `new` (the first days of a user ever), `renewed` (days behind days), `returned` (days after a pause) and `lost`
      (no days behind), by plan, as the periods lie now: `new` and `returned` less `lost` is who is PRO
    * `declines`, by the provider's reason: what somebody tried to pay
    * `limit_hits`: users who took the last photo of a day, or of another feature, as long as events are kept
    """
    asked = Asked(metric, step, from_, to, is_test)
    series = await service.list_series(services, asked)
    return series_out(series, zone=services.settings.billing_timezone.key, is_test=is_test)
