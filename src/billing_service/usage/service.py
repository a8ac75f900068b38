"""Use a photo, or another feature: counted at once, or held while its analysis runs.

A limit of 3 means 3, a failed analysis is free.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from functools import partial
from math import ceil

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.kit.errors import BillingError
from billing_service.kit.transaction import Row
from billing_service.observability.metrics import LIMIT_HITS
from billing_service.services import Services
from billing_service.usage import midnight, offers, queries
from billing_service.usage.today import PHOTOS, Figures, figures_of, get_figures
from billing_service.web.errors.requests import PayloadInvalid, TemporarilyUnavailable
from billing_service.web.errors.usage import (
    AmountAboveLimit,
    DailyLimitReached,
    FeatureUnknown,
    LimitHeld,
    OperationCommitted,
    OperationExpired,
    OperationMismatch,
    OperationNotFound,
)

# Another statement took the same operation id in between; that cannot happen twice in a row for long.
TRIES = 5
FREE = "FREE"
# A repeat may come for seven days; the day more is for clocks and for the hour of `operations/retention`.
REMEMBER_OPERATIONS = timedelta(days=8)
REMEMBER_DAYS = timedelta(days=400)
# However often it is extended, a hold that nobody ends frees itself this long after it was reserved.
HELD_AT_MOST = timedelta(hours=4)

Conclusion = Callable[..., Awaitable[Row]]


async def consume(
    services: Services, user_id: int, amount: int, operation_id: str | None, *, feature: str = PHOTOS
) -> Figures:
    """Count at once. With an `operation_id` a repeat counts nothing.

    Raises `DailyLimitReached`, `LimitHeld` (only running analyses are in the way), `AmountAboveLimit` (it would not fit
    on any day), `OperationMismatch` or `FeatureUnknown`; then nothing was counted.
    """
    return await _admit(services, user_id, amount, operation_id, None, feature=feature)


async def report(
    services: Services,
    user_id: int,
    amount: int,
    operation_id: str,
    *,
    decided_on: date,
    feature: str = PHOTOS,
) -> Figures:
    """Count what was let through on this day while we could not be asked: there, and above the limit too, for it has
    happened. A repeat counts nothing; what is held under this id becomes this. Answers the figures of today.

    Raises `PayloadInvalid` for a day to come or of more than a week ago, `OperationMismatch` or `FeatureUnknown`.
    """

    async def attempt() -> Row:
        async with services.usage_slots.slot(user_id):
            return await queries.report(
                services.statements,
                user_id,
                feature=feature,
                amount=amount,
                operation_id=operation_id,
                decided_on=decided_on,
                zone=services.settings.billing_timezone.key,
            )

    row = await _until_decided(attempt)
    if row["verdict"] == "no_day":
        raise PayloadInvalid({"fields": {"decided_on": "Neither today nor in the seven days before"}})
    _raise_unless_meant(row, feature)
    return figures_of(row, feature)


async def reserve(
    services: Services, user_id: int, amount: int, operation_id: str, ttl: timedelta, *, feature: str = PHOTOS
) -> Figures:
    """Hold a place for `ttl`; it frees itself. A repeat holds nothing more. Raises as `consume` does."""
    return await _admit(services, user_id, amount, operation_id, ttl, feature=feature)


async def commit(services: Services, operation_id: str, amount: int | None = None) -> Figures:
    """Make a held operation count, on the day it was reserved: all of it, or `amount`. A repeat counts nothing.

    In time what it holds always counts, and what of it is not needed is free at once; what is needed above that is
    decided like a `consume`, and where it does not fit, nothing is counted and the hold stays. Late (or after a
    release) it counts if nobody took its place, else it is decided like a `consume`, else `OperationExpired`. Raises
    `OperationNotFound` for an id that was never reserved, `OperationMismatch` if it counts already with another amount.
    """
    row = await _conclude(services, partial(queries.commit, amount=amount), operation_id)
    if row["verdict"] == "unknown":
        raise OperationNotFound
    figures = figures_of(row, row["feature"])
    if row["verdict"] == "mismatch":
        raise OperationMismatch
    if row["verdict"] == "expired":
        raise OperationExpired(figures.details())
    if row["verdict"] != "allowed":
        raise await _refusal(services, row, figures, row["amount"])
    return figures


async def extend(services: Services, operation_id: str, ttl: timedelta) -> tuple[Figures, datetime]:
    """Hold a running operation until `ttl` from now, and never for less than it is held already; answers until when.

    Not longer than `HELD_AT_MOST` after it was reserved. Safe to repeat. Raises `OperationExpired` if its time is over
    or it was released (reserve it again), `OperationCommitted` or `OperationNotFound`.
    """
    row = await _conclude(services, partial(queries.extend, ttl=ttl, most=HELD_AT_MOST), operation_id)
    if row["verdict"] == "unknown":
        raise OperationNotFound
    figures = figures_of(row, row["feature"])
    if row["verdict"] == "expired":
        raise OperationExpired(figures.details())
    if row["verdict"] == "counted":
        raise OperationCommitted
    return figures, row["held_until"]


async def release(services: Services, operation_id: str) -> Figures:
    """Give a held operation back; a second or a late release is as good as the first.

    Raises `OperationCommitted` (it stays counted) or `OperationNotFound`.
    """
    row = await _conclude(services, queries.release, operation_id)
    if row["verdict"] == "unknown":
        raise OperationNotFound
    if row["verdict"] == "counted":
        raise OperationCommitted
    return figures_of(row, row["feature"])


async def reset(services: Services, user_id: int, deed: Deed, feature: str = PHOTOS) -> Figures:
    """Forget what was counted today of a feature; live holds stay. The deed and its audit entry are one transaction.

    Raises `FeatureUnknown`.
    """
    async with services.statements.transaction() as tx:
        if not await queries.is_feature(tx, feature):
            raise FeatureUnknown({"feature": feature})
        day, before = await queries.reset_today(tx, user_id, feature, services.settings.billing_timezone.key)
        await audit.record(
            tx,
            "usage.reset",
            deed,
            user_id=user_id,
            details={"used_before": before, "feature": feature, "date": day},
        )
    return await get_figures(services, user_id, feature)


async def _admit(
    services: Services,
    user_id: int,
    amount: int,
    operation_id: str | None,
    hold_for: timedelta | None,
    *,
    feature: str,
) -> Figures:
    async def attempt() -> Row:
        async with services.usage_slots.slot(user_id):
            return await queries.admit(
                services.statements,
                user_id,
                feature=feature,
                amount=amount,
                operation_id=operation_id,
                hold_for=hold_for,
                zone=services.settings.billing_timezone.key,
            )

    row = await _until_decided(attempt)
    if row["verdict"] == "allowed":
        return figures_of(row, feature)
    _raise_unless_meant(row, feature)
    raise await _refusal(services, row, figures_of(row, feature), amount)


def _raise_unless_meant(row: Row, feature: str) -> None:
    if row["verdict"] == "mismatch":
        raise OperationMismatch
    if row["verdict"] == "no_feature":
        raise FeatureUnknown({"feature": feature})


async def _refusal(services: Services, row: Row, figures: Figures, amount: int) -> BillingError:
    """Why so many are not admitted; counted, if another day or moment would admit them."""
    details = figures.details()
    if figures.daily_limit is not None and amount > figures.daily_limit:
        return AmountAboveLimit({"amount": amount, **details})
    LIMIT_HITS.labels(plan=figures.plan_code, feature=figures.feature).inc()
    if row["verdict"] == "held":
        return LimitHeld(details, retry_after=max(ceil(row["frees_in"]), 1))
    # Who has days has a plan with a limit of its own: that PRO has none is no word for him.
    is_offered = (
        figures.feature == PHOTOS and figures.plan_code == FREE and await offers.has_pro_no_limit(services)
    )
    message = midnight.limit_reached(
        figures.resets_at, services.settings.billing_timezone, pro_has_none=is_offered
    )
    return DailyLimitReached(details, message=message)


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
