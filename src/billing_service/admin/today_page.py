"""The first page: money, subscribers, refusals, and what waits for somebody; pictures, with their numbers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from starlette.responses import Response

from billing_service.admin import checks
from billing_service.admin.acts import Act
from billing_service.admin.charts import Chart, Value
from billing_service.admin.panel import Visit
from billing_service.admin.today_queries import MANY, get_waiting
from billing_service.charging import service as charging
from billing_service.services import Services
from billing_service.stats import service as stats
from billing_service.stats.days import Step
from billing_service.stats.service import Asked, Metric, Series
from billing_service.wording.words import money, number, short_day

METRICS = (Metric.REVENUE, Metric.REFUNDS, Metric.NEW, Metric.RETURNED, Metric.LOST, Metric.DECLINES)
STOPS, STARTS, FOR_MANY = "stop-charging", "start-charging", "give-days-to-many"


@dataclass(frozen=True)
class Today:
    acts: Mapping[str, Act]

    async def show(self, visit: Visit) -> Response:
        services = visit.services
        is_test = services.settings.shop_is_test
        # One after the other: the pool belongs to those who pay and take photos.
        by = {metric: await _series(services, metric, is_test=is_test) for metric in METRICS}
        today = by[Metric.REVENUE].points[-1]
        # Asked about this day only, not about all time: the month and the thirty days come along.
        revenue = await stats.sum_revenue(services, today.days.first, today.days.last, is_test=is_test)
        subscribers = await stats.count_subscribers(services)
        switch = await charging.read(services)
        waiting = await get_waiting(services.statements)
        return visit.page(
            "today.html",
            revenue=revenue,
            subscribers=subscribers,
            charging=switch,
            waiting=waiting,
            checks=await checks.look(services),
            many=MANY,
            today=today.value,
            charts=_charts(by),
            declines=_reasons(by[Metric.DECLINES]),
            acts=[
                self.acts[name]
                for name in (STARTS if switch.stops else STOPS, FOR_MANY)
                if visit.may(self.acts[name].role)
            ],
        )


async def _series(services: Services, metric: Metric, *, is_test: bool) -> Series:
    return await stats.list_series(services, Asked(metric, Step.DAY, None, None, is_test))


def _charts(by: Mapping[Metric, Series]) -> list[Chart]:
    came = [
        Value(
            short_day(point.days.first),
            point.value + returned.value,
            number(int(point.value + returned.value)),
            lost.value,
            number(int(lost.value)),
        )
        for point, returned, lost in zip(
            by[Metric.NEW].points, by[Metric.RETURNED].points, by[Metric.LOST].points, strict=True
        )
    ]
    return [
        Chart("Выручка за вычетом возвратов", ["Выручка"], _values(by[Metric.REVENUE], money)),
        Chart("Возвраты", ["Возвращено"], _values(by[Metric.REFUNDS], money), is_bad_news=True),
        Chart("Подписчики: пришли и ушли", ["Пришли", "Ушли"], came),
        Chart(
            "Отказы в оплате",
            ["Отказов"],
            _values(by[Metric.DECLINES], lambda value: number(int(value))),
            is_bad_news=True,
        ),
    ]


def _values(series: Series, written: Callable[[Decimal], str]) -> list[Value]:
    return [
        Value(short_day(point.days.first), point.value, written(Decimal(point.value)))
        for point in series.points
    ]


def _reasons(declines: Series) -> list[tuple[str, int]]:
    """Why, the most frequent first."""
    sums: dict[str, int] = {}
    for point in declines.points:
        for reason, times in point.by.items():
            sums[reason] = sums.get(reason, 0) + int(times)
    return sorted(sums.items(), key=lambda one: -one[1])
