"""Renewals: who will be charged what and when, who not and why; declines by reason."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby

from starlette.responses import Response

from billing_service.admin.panel import Visit
from billing_service.outlooks.service import Looked
from billing_service.renewals.candidates import preview
from billing_service.stats import service as stats
from billing_service.stats.days import Step
from billing_service.stats.service import Asked, Metric
from billing_service.timeline.present import WHY_NONE

# What is read at most: beyond it the page says that there are more.
MOST = 1000
SHOWN = 200
PERIODS = {"1": "сутки", "7": "неделя", "31": "месяц"}


async def show(visit: Visit) -> Response:
    days = visit.asked("days")
    days = days if days in PERIODS else "7"
    looked: list[Looked] = []
    async for one in preview(visit.services, timedelta(days=int(days))):
        looked.append(one)
        if len(looked) >= MOST:
            break
    dated = [
        (plan.charge_at, one.known.facts.user_id, one) for one in looked if (plan := one.outlook.planned)
    ]
    planned = [one for _, _, one in sorted(dated)]
    others = [one for one in looked if one.outlook.planned is None]
    asked = Asked(Metric.DECLINES, Step.MONTH, None, None, visit.services.settings.shop_is_test)
    declines = await stats.list_series(visit.services, asked)
    reasons: dict[str, int] = {}
    for point in declines.points:
        for reason, times in point.by.items():
            reasons[reason] = reasons.get(reason, 0) + int(times)
    by_day = _by_day(visit, planned)
    return visit.page(
        "renewals.html",
        days=days,
        periods=PERIODS,
        by_day=by_day,
        planned_count=len(planned),
        planned_sum=sum((amount for _, _, amount in by_day), Decimal()),
        planned=planned[:SHOWN],
        others=others[:SHOWN],
        hidden=max(len(planned) - SHOWN, 0) + max(len(others) - SHOWN, 0),
        is_cut=len(looked) >= MOST,
        grace=sum(1 for one in looked if _is_in_grace(one)),
        because=WHY_NONE,
        why=_why(others),
        declines=sorted(reasons.items(), key=lambda one: -one[1]),
    )


def _by_day(visit: Visit, planned: list[Looked]) -> list[tuple[date, int, Decimal]]:
    """How many charges a day, and how much."""
    zone = visit.services.settings.billing_timezone
    dated = sorted(
        (one.outlook.planned.charge_at.astimezone(zone).date(), one.outlook.planned.basis.terms.amount)
        for one in planned
        if one.outlook.planned is not None
    )
    found = []
    for day, group in groupby(dated, key=lambda one: one[0]):
        amounts = [amount for _, amount in group]
        found.append((day, len(amounts), sum(amounts, Decimal())))
    return found


def _is_in_grace(one: Looked) -> bool:
    last = one.known.facts.last
    return last is not None and last.ends <= one.known.facts.now


def _why(others: list[Looked]) -> Mapping[str, int]:
    counted: dict[str, int] = {}
    for one in others:
        if one.outlook.because is not None:
            counted[one.outlook.because] = counted.get(one.outlook.because, 0) + 1
    return dict(sorted(counted.items(), key=lambda pair: -pair[1]))
