"""Use a photo: counted at once, or held while its analysis runs. A limit of 3 means 3, a failed analysis is free."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import ceil

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.kit.transaction import Row
from billing_service.kit.wire import utc_text
from billing_service.observability.metrics import LIMIT_HITS
from billing_service.services import Services
from billing_service.usage import midnight, queries
from billing_service.web.errors import (
    AmountAboveLimit,
    DailyLimitReached,
    LimitHeld,
    OperationCommitted,
    OperationExpired,
    OperationMismatch,
    OperationNotFound,
    TemporarilyUnavailable,
)

# Another statement took the same operation id in between; that cannot happen twice in a row for long.
TRIES = 5
# A repeat may come for seven days; the day more is for clocks and for the hour of `operations/retention`.
REMEMBER_OPERATIONS = timedelta(days=8)
REMEMBER_DAYS = timedelta(days=400)

Conclusion = Callable[..., Awaitable[Row]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Today at one instant. A limit of None means unlimited; `remaining` is what may still be started now."""

    plan_code: str
    daily_limit: int | None
    used: int
    held: int
    resets_at: datetime

    @property
    def remaining(self) -> int | None:
        return None if self.daily_limit is None else max(self.daily_limit - self.used - self.held, 0)


async def get_figures(services: Services, user_id: int) -> Figures:
    """Never writes; a user we have never seen has used nothing of FREE."""
    return figures_of(await get_today(services, user_id))


async def get_today(services: Services, user_id: int) -> Row:
    """Plan, access and usage at one instant, in one round trip."""
    return await queries.get_today(services.statements, user_id, services.settings.billing_timezone.key)


async def consume(services: Services, user_id: int, amount: int, operation_id: str | None) -> Figures:
    """Count at once. With an `operation_id` a repeat counts nothing.

    Raises `DailyLimitReached`, `LimitHeld` (only running analyses are in the way), `AmountAboveLimit` (it would not fit
    on any day) or `OperationMismatch`; then nothing was counted.
    """
    return await _admit(services, user_id, amount, operation_id, None)


async def reserve(
    services: Services, user_id: int, amount: int, operation_id: str, ttl: timedelta
) -> Figures:
    """Hold a place for `ttl`; it frees itself. A repeat holds nothing more. Raises as `consume` does."""
    return await _admit(services, user_id, amount, operation_id, ttl)


async def commit(services: Services, operation_id: str) -> Figures:
    """Make a held operation count, on the day it was reserved; a repeat counts nothing.

    In time it always counts. Late (or after a release) it counts if nobody took its place, else it is decided like a
    `consume`, else `OperationExpired`. Raises `OperationNotFound` for an id that was never reserved.
    """
    row = await _conclude(services, queries.commit, operation_id)
    if row["verdict"] == "unknown":
        raise OperationNotFound
    if row["verdict"] == "expired":
        raise OperationExpired(_details(figures_of(row)))
    return figures_of(row)


async def release(services: Services, operation_id: str) -> Figures:
    """Give a held operation back; a second or a late release is as good as the first.

    Raises `OperationCommitted` (it stays counted) or `OperationNotFound`.
    """
    row = await _conclude(services, queries.release, operation_id)
    if row["verdict"] == "unknown":
        raise OperationNotFound
    if row["verdict"] == "counted":
        raise OperationCommitted
    return figures_of(row)


async def reset(services: Services, user_id: int, deed: Deed) -> Figures:
    """Forget what was counted today; live holds stay. The deed and its audit entry are one transaction."""
    async with services.statements.transaction() as tx:
        before = await queries.reset_today(tx, user_id, services.settings.billing_timezone.key)
        await audit.record(
            tx,
            "usage.reset",
            deed,
            user_id=user_id,
            details={"used_before": before},
        )
    return await get_figures(services, user_id)


async def _admit(
    services: Services, user_id: int, amount: int, operation_id: str | None, hold_for: timedelta | None
) -> Figures:
    async def attempt() -> Row:
        async with services.usage_slots.slot(user_id):
            return await queries.admit(
                services.statements,
                user_id,
                amount=amount,
                operation_id=operation_id,
                hold_for=hold_for,
                zone=services.settings.billing_timezone.key,
            )

    row = await _until_decided(attempt)
    if row["verdict"] == "allowed":
        return figures_of(row)
    if row["verdict"] == "mismatch":
        raise OperationMismatch
    figures = figures_of(row)
    details = _details(figures)
    if figures.daily_limit is not None and amount > figures.daily_limit:
        raise AmountAboveLimit({"amount": amount, **details})
    LIMIT_HITS.labels(plan=figures.plan_code).inc()
    if row["verdict"] == "held":
        raise LimitHeld(details, retry_after=max(ceil(row["frees_in"]), 1))
    raise DailyLimitReached(
        details, message=midnight.limit_reached(figures.resets_at, services.settings.billing_timezone)
    )


async def _conclude(services: Services, deed: Conclusion, operation_id: str) -> Row:
    """At once if nobody is at the user's row, else in the user's slots: who it is, only the operation knows."""
    attempt = partial(deed, services.statements, operation_id, services.settings.billing_timezone.key)
    row = await attempt(wait=False)
    if row["verdict"] not in {"busy", "again"}:
        return row
    async with services.usage_slots.slot(row["user_id"]):
        return await _until_decided(partial(attempt, wait=True))


async def _until_decided(attempt: Callable[[], Awaitable[Row]]) -> Row:
    for _ in range(TRIES):
        row = await attempt()
        if row["verdict"] != "again":
            return row
    raise TemporarilyUnavailable


def figures_of(row: Row) -> Figures:
    """The figures of any usage statement."""
    return Figures(row["plan_code"], row["daily_limit"], row["used"], row["held"], row["resets_at"])


def _details(figures: Figures) -> dict[str, object]:
    return {
        "current_plan": figures.plan_code,
        "daily_limit": figures.daily_limit,
        "used_today": figures.used,
        "held": figures.held,
        "resets_at": utc_text(figures.resets_at),
    }
