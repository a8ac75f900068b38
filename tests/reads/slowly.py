"""The same figures and facts, computed the slow and obvious way: every row of every table, one after the other."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from billing_service.kit.db import Database
from tests.ledger import rows

Row = dict[str, Any]
MOSCOW = ZoneInfo("Europe/Moscow")
PRO = {"PRO_MONTHLY", "PRO_YEARLY"}
MONTHLY, YEARLY = {"PRO_MONTHLY"}, {"PRO_YEARLY"}
TABLES = ("payments", "refunds", "consents", "outbox_events", "subscriptions")
PERIODS = "SELECT *, lower(span) AS begins, upper(span) AS ends FROM subscription_periods ORDER BY id"


def day_of(at: datetime) -> date:
    return at.astimezone(MOSCOW).date()


@dataclass
class Books:
    """All rows there are."""

    payments: list[Row]
    refunds: list[Row]
    consents: list[Row]
    outbox_events: list[Row]
    subscriptions: list[Row]
    periods: list[Row]
    shop_is_test: bool

    @classmethod
    async def read(cls, database: Database, *, shop_is_test: bool) -> "Books":
        tables = {name: await rows(database, f"SELECT * FROM {name}") for name in TABLES}  # noqa: S608
        return cls(**tables, periods=await rows(database, PERIODS), shop_is_test=shop_is_test)

    # Money

    def money(self, first: date | None, last: date, *, is_test: bool) -> dict[str, list[Decimal]]:
        """By plan: what came in, what went back."""
        sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        plan_of = {one["id"]: one["plan_code"] for one in self.payments}

        def is_asked_for(one: Row, at: str) -> bool:
            if one["status"] != "SUCCEEDED" or one["is_test"] != is_test:
                return False
            return (first is None or first <= day_of(one[at])) and day_of(one[at]) <= last

        for one in self.payments:
            if is_asked_for(one, "paid_at"):
                sums[one["plan_code"]][0] += one["amount"]
        for one in self.refunds:
            if is_asked_for(one, "completed_at"):
                sums[plan_of[one["payment_id"]]][1] += one["amount"]
        return dict(sums)

    # Access

    def counts(self, period: Row) -> bool:
        return period["chain"] != "test" or self.shop_is_test

    def spans(self, user: int) -> list[Row]:
        """Of PRO, in the order in which they begin."""
        found = [
            one
            for one in self.periods
            if one["user_id"] == user and one["plan_code"] in PRO and self.counts(one) and one["begins"]
        ]
        return sorted(found, key=lambda one: (one["begins"], one["id"]))

    def users(self) -> list[int]:
        return sorted(one["user_id"] for one in self.subscriptions)

    def running(self, user: int, at: datetime) -> Row | None:
        """Where a live and a test shop both gave days, those that the plan in force is taken from."""
        running = (one for one in self.spans(user) if one["begins"] <= at < one["ends"])
        return max(running, key=lambda one: one["chain"], default=None)

    def ends(self, user: int) -> datetime | None:
        return max((one["ends"] for one in self.spans(user)), default=None)

    def changes(self) -> Iterator[tuple[str, datetime, str]]:
        for user in self.users():
            reached: datetime | None = None
            before: Row | None = None
            for one in self.spans(user):
                if reached is None or before is None:
                    yield "new", one["begins"], one["plan_code"]
                elif reached < one["begins"]:
                    yield "lost", reached, before["plan_code"]
                    yield "returned", one["begins"], one["plan_code"]
                else:
                    yield "renewed", one["begins"], one["plan_code"]
                reached, before = max(reached or one["ends"], one["ends"]), one
            if reached and before:
                yield "lost", reached, before["plan_code"]

    # Series

    def happened(self, metric: str, now: datetime) -> Iterator[tuple[datetime, str]]:
        """When, and what it is told apart by; what is still to come has not happened."""
        for change, at, plan in self.changes():
            if change == metric and at <= now:
                yield at, plan
        for one in self.payments if metric == "declines" else ():
            reason, party = one["cancellation_reason"], one["cancellation_party"]
            is_declined = party != "merchant" and reason not in {
                "expired_on_confirmation",
                "expired_on_capture",
            }
            if one["status"] == "CANCELED" and not one["is_test"] and is_declined:
                yield one["updated_at"], reason or ""
        for one in self.outbox_events if metric == "limit_hits" else ():
            if one["kind"] == "usage.limit_reached":
                yield one["occurred_at"], ""

    def series(
        self, metric: str, first: date, last: date, step: str, now: datetime
    ) -> dict[date, dict[str, object]]:
        """First day of each step -> what its value is made of."""
        label: Callable[[date], date] = {
            "day": lambda day: day,
            "week": lambda day: max(first, day - timedelta(days=day.weekday())),
            "month": lambda day: max(first, day.replace(day=1)),
        }[step]
        points: dict[date, dict[str, object]] = {}
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            points.setdefault(label(day), {})
        if metric in {"revenue", "refunds"}:
            sums: dict[date, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
            for number in range((last - first).days + 1):
                day = first + timedelta(days=number)
                for plan, (paid, returned) in self.money(day, day, is_test=False).items():
                    sums[label(day)][plan] += paid - returned if metric == "revenue" else returned
            for at, by in sums.items():
                points[at] = {
                    plan: f"{amount:.2f}" for plan, amount in by.items() if metric == "revenue" or amount
                }
            return points
        counted = Counter(
            (label(day_of(at)), key) for at, key in self.happened(metric, now) if first <= day_of(at) <= last
        )
        for (at_day, key), times in counted.items():
            points[at_day][key] = times
        return points
