"""Use a photo, or another feature: counted at once, or held while its analysis runs.

A limit of 3 means 3, a failed analysis is free.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from math import ceil

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.kit.errors import BillingError
from billing_service.kit.transaction import Row
from billing_service.kit.wire import utc_text
from billing_service.observability.metrics import LIMIT_HITS
from billing_service.services import Services
from billing_service.usage import midnight, queries
from billing_service.usage.queries import Operation
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
# A repeat may come for seven days; the day more is for clocks and for the hour of `operations/retention`.
REMEMBER_OPERATIONS = timedelta(days=8)
REMEMBER_DAYS = timedelta(days=400)
PHOTOS = "photo_ai"
# However often it is extended, a hold that nobody ends frees itself this long after it was reserved.
HELD_AT_MOST = timedelta(hours=4)
# So many operations explain a day; what was earlier is told as one sum.
EXPLAINED_AT_MOST = 500

Conclusion = Callable[..., Awaitable[Row]]


@dataclass(frozen=True, slots=True)
class Figures:
    """A feature today at one instant. No limit means unlimited; `remaining` is what may still be started now."""

    plan_code: str
    daily_limit: int | None
    used: int
    held: int
    resets_at: datetime
    feature: str = PHOTOS

    @property
    def remaining(self) -> int | None:
        return None if self.daily_limit is None else max(self.daily_limit - self.used - self.held, 0)


async def get_figures(services: Services, user_id: int, feature: str = PHOTOS) -> Figures:
    """Never writes; a user we have never seen has used nothing of FREE. Raises `FeatureUnknown`."""
    zone = services.settings.billing_timezone.key
    row = await queries.get_today_of(services.statements, user_id, feature, zone)
    return figures_of(_known(row, feature), feature)


async def explain(
    services: Services, user_id: int, feature: str = PHOTOS
) -> tuple[Figures, Sequence[Operation]]:
    """The figures of today and what makes them: what its operations count adds up to what is used. Never writes.

    At most `EXPLAINED_AT_MOST` operations, the oldest first; what else is counted (earlier ones, and what was counted
    before this was written down) stands in front as one operation `not_listed`. Raises `FeatureUnknown`.
    """
    zone = services.settings.billing_timezone.key
    row, listed = await queries.explain_today(
        services.statements, user_id, feature, zone, most=EXPLAINED_AT_MOST
    )
    figures = figures_of(_known(row, feature), feature)
    rest = figures.used - sum(one.counts for one in listed)
    not_listed = [Operation(None, "not_listed", abs(rest), abs(rest), rest, None, None, None)] if rest else []
    return figures, [*not_listed, *listed]


async def get_today(services: Services, user_id: int) -> Row:
    """Plan, access and usage of photos at one instant, in one round trip."""
    return await queries.get_today(services.statements, user_id, services.settings.billing_timezone.key)


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
        raise OperationExpired(_details(figures))
    if row["verdict"] != "allowed":
        raise _refusal(services, row, figures, row["amount"])
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
        raise OperationExpired(_details(figures))
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
    raise _refusal(services, row, figures_of(row, feature), amount)


def _raise_unless_meant(row: Row, feature: str) -> None:
    if row["verdict"] == "mismatch":
        raise OperationMismatch
    if row["verdict"] == "no_feature":
        raise FeatureUnknown({"feature": feature})


def _refusal(services: Services, row: Row, figures: Figures, amount: int) -> BillingError:
    """Why so many are not admitted; counted, if another day or moment would admit them."""
    details = _details(figures)
    if figures.daily_limit is not None and amount > figures.daily_limit:
        return AmountAboveLimit({"amount": amount, **details})
    LIMIT_HITS.labels(plan=figures.plan_code, feature=figures.feature).inc()
    if row["verdict"] == "held":
        return LimitHeld(details, retry_after=max(ceil(row["frees_in"]), 1))
    message = midnight.limit_reached(
        figures.resets_at, services.settings.billing_timezone, pro_has_none=figures.feature == PHOTOS
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


def figures_of(row: Row, feature: str = PHOTOS) -> Figures:
    """The figures of any usage statement."""
    return Figures(row["plan_code"], row["daily_limit"], row["used"], row["held"], row["resets_at"], feature)


def _known(row: Row, feature: str) -> Row:
    if not row["is_known"]:
        raise FeatureUnknown({"feature": feature})
    return row


def _details(figures: Figures) -> dict[str, object]:
    return {
        "current_plan": figures.plan_code,
        "feature": figures.feature,
        "daily_limit": figures.daily_limit,
        "used_today": figures.used,
        "held": figures.held,
        "resets_at": utc_text(figures.resets_at),
    }
