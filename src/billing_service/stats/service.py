"""Figures for the owner and the trainer panel: who has access, what came in, and how both went."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from itertools import islice

from billing_service.config import Settings
from billing_service.outlooks.decision import Rules
from billing_service.services import Services
from billing_service.stats import queries
from billing_service.stats.days import DAY, Days, Step, cut
from billing_service.stats.queries import Moved
from billing_service.web.errors.requests import PayloadInvalid

STEPS_AT_MOST = 400
BEFORE_ALL = date(1970, 1, 1)
THIRTY_DAYS, A_MONTH, A_YEAR = timedelta(days=30), range(28, 32), range(360, 367)
CAUSES = {"payment": "paid", "grant": "granted", "import": "imported"}


@dataclass(frozen=True)
class Subscribers:
    """How many users are PRO, by plan and cause, at the instant `as_of`. `known` are all who have a subscription,
    `grace` those whose PRO is over and may still be renewed."""

    as_of: datetime
    known: int
    grace: int
    holders: Mapping[tuple[str, int, str], int]

    @property
    def paid_total(self) -> int:
        return sum(self.holders.values())

    @property
    def free(self) -> int:
        return self.known - self.paid_total

    def of_days(self, days: range) -> int:
        """Holders of plans that last so long."""
        return sum(users for (_, lasts, _), users in self.holders.items() if lasts in days)

    def by_plan(self) -> dict[str, int]:
        return _summed((plan, users) for (plan, _, _), users in self.holders.items())

    def by_cause(self) -> dict[str, int]:
        return dict.fromkeys(CAUSES.values(), 0) | _summed(
            (CAUSES[cause], users) for (_, _, cause), users in self.holders.items()
        )


def _summed(parts: Iterator[tuple[str, int]]) -> dict[str, int]:
    sums: dict[str, int] = {}
    for name, part in parts:
        sums[name] = sums.get(name, 0) + part
    return sums


async def count_subscribers(services: Services) -> Subscribers:
    rows = await queries.list_holders(services.statements, _grace(services.settings))
    return Subscribers(
        as_of=rows[0]["as_of"],
        known=rows[0]["known"],
        grace=rows[0]["grace"],
        holders={
            (row["plan_code"], row["duration_days"], row["cause"]): row["holders"]
            for row in rows
            if row["holders"]
        },
    )


def _grace(settings: Settings) -> timedelta | None:
    return Rules.of(settings).grace if settings.billing_recurring_enabled else None


@dataclass(frozen=True)
class Money:
    """What came in, what went back, what of it stayed; in roubles. Below zero where more went back than came in."""

    moved: Sequence[Moved]

    @property
    def paid(self) -> Decimal:
        return sum((one.paid for one in self.moved), Decimal("0.00"))

    @property
    def returned(self) -> Decimal:
        return sum((one.returned for one in self.moved), Decimal("0.00"))

    @property
    def kept(self) -> Decimal:
        return self.paid - self.returned

    @property
    def payments(self) -> int:
        return sum(one.payments for one in self.moved)

    @property
    def refunds(self) -> int:
        return sum(one.refunds for one in self.moved)

    def by_plan(self) -> "dict[str, Money]":
        """The same for each plan; what was for none stands under the empty name."""
        plans = dict.fromkeys(one.plan for one in self.moved)
        return {plan: Money([one for one in self.moved if one.plan == plan]) for plan in plans}


@dataclass(frozen=True)
class Revenue:
    """Money of some days, of this month so far and of the last thirty days, today included."""

    as_of: datetime
    first: date | None
    last: date
    asked: Money
    month_to_date: Money
    last_30_days: Money


async def sum_revenue(services: Services, first: date | None, last: date | None, *, is_test: bool) -> Revenue:
    """Of the days from `first` (or ever) to `last` (or today), both included, in the service's time zone.

    A refund is taken off on the day it was made. Raises `PayloadInvalid` if `last` lies before `first`.
    """
    zone = services.settings.billing_timezone.key
    now = await queries.get_today(services.statements, zone)
    today: date = now["today"]
    last = last or (today if first is None else max(first, today))
    _refuse_backwards(first, last)
    stretches = [
        Days(first or min(BEFORE_ALL, last), last),
        Days(today.replace(day=1), today),
        Days(today - THIRTY_DAYS + DAY, today),
    ]
    moved = await queries.list_money(services.statements, stretches, zone, is_test=is_test)
    asked, month, thirty = (Money([one for one in moved if one.step == step]) for step in range(3))
    return Revenue(now["as_of"], first, last, asked, month, thirty)


class Metric(StrEnum):
    """`revenue` and `refunds` are roubles, by plan; the others are counted: changes of access by plan, declines by the
    provider's reason."""

    REVENUE = "revenue"
    REFUNDS = "refunds"
    NEW = "new"
    RENEWED = "renewed"
    RETURNED = "returned"
    LOST = "lost"
    DECLINES = "declines"
    LIMIT_HITS = "limit_hits"

    @property
    def is_money(self) -> bool:
        return self in {Metric.REVENUE, Metric.REFUNDS}


@dataclass(frozen=True)
class Point:
    """One step: the value of the metric, and what it is made of."""

    days: Days
    value: Decimal | int
    by: Mapping[str, Decimal | int]


@dataclass(frozen=True)
class Series:
    as_of: datetime
    metric: Metric
    step: Step
    days: Days
    points: Sequence[Point]


@dataclass(frozen=True)
class Asked:
    """Which figures: of these days, or of the thirty up to today."""

    metric: Metric
    step: Step
    first: date | None
    last: date | None
    is_test: bool


async def list_series(services: Services, asked: Asked) -> Series:
    """A point for each step, also where nothing happened; days are those of the service's time zone.

    Raises `PayloadInvalid` if the last day lies before the first, or for more than `STEPS_AT_MOST` steps.
    """
    zone = services.settings.billing_timezone.key
    now = await queries.get_today(services.statements, zone)
    days = _days(asked, now["today"])
    steps = list(islice(cut(days, asked.step), STEPS_AT_MOST + 1))
    if len(steps) > STEPS_AT_MOST:
        raise PayloadInvalid({"fields": {"step": f"more than {STEPS_AT_MOST} steps"}})
    parts = await _parts(services, asked, steps, zone)
    zero: Decimal | int = Decimal("0.00") if asked.metric.is_money else 0
    points = [Point(step, sum(by.values(), zero), by) for step, by in zip(steps, parts, strict=True)]
    return Series(now["as_of"], asked.metric, asked.step, days, points)


def _days(asked: Asked, today: date) -> Days:
    last = asked.last or (today if asked.first is None else max(asked.first, today))
    first = asked.first or (last - THIRTY_DAYS + DAY if last - date.min >= THIRTY_DAYS else date.min)
    _refuse_backwards(first, last)
    return Days(first, last)


def _refuse_backwards(first: date | None, last: date) -> None:
    if first is not None and last < first:
        raise PayloadInvalid({"fields": {"to": "before the first day"}})


async def _parts(
    services: Services, asked: Asked, steps: Sequence[Days], zone: str
) -> Sequence[Mapping[str, Decimal | int]]:
    """For each step what its value is made of, by name."""
    parts: list[dict[str, Decimal | int]] = [{} for _ in steps]
    if not asked.metric.is_money:
        for counted in await queries.list_counts(
            services.statements, asked.metric, steps, zone, is_test=asked.is_test
        ):
            parts[counted.step][counted.key] = counted.times
        return parts
    for moved in await queries.list_money(services.statements, steps, zone, is_test=asked.is_test):
        is_revenue = asked.metric is Metric.REVENUE
        if is_revenue or moved.refunds:
            parts[moved.step][moved.plan] = moved.paid - moved.returned if is_revenue else moved.returned
    return parts
