"""The SQL of subscriptions and periods."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.kit.clock import AGREE_WITHIN, billing_now
from billing_service.kit.transaction import Transaction
from billing_service.plans.models import Plan
from billing_service.subscriptions.laying import PLACE_OF_NEXT, Place
from billing_service.subscriptions.models import Period, Subscription
from billing_service.subscriptions.periods import Span

END: ColumnElement[datetime] = func.upper(Period.span, type_=DateTime(timezone=True))
LAST_END: ColumnElement[datetime | None] = func.max(END, type_=DateTime(timezone=True))

COUNTS = or_(~Period.is_test, func.test_days_count())


# The row is made by the first checkout or grant. Nothing comes back when another transaction made it at this moment:
# the statement sees the row only when it is sent again.
LOCK = """
    WITH made AS (
        INSERT INTO subscriptions (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING RETURNING moved_to
    ), locked AS (
        SELECT moved_to FROM subscriptions WHERE user_id = $1 FOR UPDATE
    )
    SELECT moved_to FROM made UNION ALL SELECT moved_to FROM locked
"""


class Locked(NamedTuple):
    """A locked row: whose number the user has become, None if he is who he was."""

    moved_to: int | None


async def lock_subscription(tx: Transaction, user_id: int) -> Locked | None:
    """Make the row unless it is there, and lock it. None if it must be asked again."""
    row = await tx.row(LOCK, user_id)
    return None if row is None else Locked(**row)


GET_PLACE = PLACE_OF_NEXT.format(user_id="$1", plan_code="$2", days="$3::integer", is_test="$4::boolean")


async def get_place_of_next(
    tx: Transaction, user_id: int, *, plan_code: str, days: int, is_test: bool
) -> Place:
    """Behind everything that a period of this plan, from this kind of shop, is laid behind."""
    return Place(**(await tx.row(GET_PLACE, user_id, plan_code, days, is_test) or {}))


INSERT_PERIOD = f"""
    INSERT INTO subscription_periods
        (user_id, plan_code, days, cause, payment_id, author, reason, granted_at, span)
    SELECT $1, $2, $3, $5, $6, $7, $8, place.now, tstzrange(place.start, place."end")
    FROM ({GET_PLACE}) place RETURNING id
"""  # noqa: S608


async def insert_period(
    tx: Transaction,
    *,
    user_id: int,
    plan_code: str,
    days: int,
    cause: str,
    is_test: bool,
    payment_id: UUID | None = None,
    author: str | None = None,
    reason: str | None = None,
) -> int:
    """At the place of the next one."""
    values = (user_id, plan_code, days, is_test, cause, payment_id, author, reason)
    period_id: int = await tx.value(INSERT_PERIOD, *values)
    return period_id


# What is over and what is empty moves no more, and moves nothing.
UNFINISHED = """
    SELECT id, lower(span) AS start, upper(span) AS "end", billing_now() AS now FROM subscription_periods
    WHERE user_id = $1 AND upper(span) > billing_now()
        AND period_line(chain) = (SELECT period_line(chain) FROM subscription_periods WHERE id = $2)
    ORDER BY lower(span), id
"""


class Unfinished(NamedTuple):
    """The spans of a user's line that are not over, in the order in which they lie; and the time now."""

    spans: Sequence[Span]
    now: datetime | None


async def list_unfinished(tx: Transaction, user_id: int, *, beside: int) -> Unfinished:
    """Those in line with the period `beside`."""
    rows = await tx.rows(UNFINISHED, user_id, beside)
    spans = [Span(row["id"], row["start"], row["end"]) for row in rows]
    return Unfinished(spans, rows[0]["now"] if rows else None)


# A span that ends where it starts is stored as PostgreSQL's empty range.
MOVE = """
    UPDATE subscription_periods period
    SET span = tstzrange(moved.start, moved.end), cut = period.cut + moved.cut
    FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::interval[])
        AS moved (id, start, "end", cut)
    WHERE period.id = moved.id
"""


async def move_spans(tx: Transaction, moved: Mapping[Span, timedelta]) -> None:
    """Write down where spans lie now, and how much was taken off the end of each."""
    await tx.execute(
        MOVE,
        [span.id for span in moved],
        [span.start for span in moved],
        [span.end for span in moved],
        list(moved.values()),
    )


SET_AUTO_RENEW = """
    UPDATE subscriptions SET auto_renew = $2, updated_at = billing_now(),
        auto_renew_since = CASE WHEN $2 THEN billing_now() ELSE auto_renew_since END
    WHERE user_id = $1 AND auto_renew <> $2
"""


async def set_auto_renew(tx: Transaction, user_id: int, *, on: bool) -> None:
    await tx.execute(SET_AUTO_RENEW, user_id, on)


async def is_auto_renewed(session: AsyncSession, user_id: int) -> bool:
    statement = select(Subscription.auto_renew).where(Subscription.user_id == user_id)
    return bool((await session.scalars(statement)).one_or_none())


async def had_pro_within(tx: Transaction, user_id: int, time: timedelta) -> bool:
    had: bool = await tx.value(
        "SELECT coalesce(pro_ends($1) > billing_now() - $2::interval, false)", user_id, time
    )
    return had


async def get_plan_in_force(tx: Transaction, user_id: int) -> str:
    code: str = await tx.value("SELECT plan_in_force($1, billing_now())", user_id)
    return code


async def get_access_end(tx: Transaction, user_id: int) -> datetime | None:
    end: datetime | None = await tx.value("SELECT access_ends($1, billing_now())", user_id)
    return end


LAST_PLAN = """
    SELECT s.plan_code FROM subscription_periods s JOIN subscription_plans p ON p.code = s.plan_code
    WHERE s.user_id = $1 AND p.price > 0 AND NOT p.is_test AND (s.chain <> 'test' OR test_days_count())
    ORDER BY upper(s.span) DESC NULLS LAST, s.id DESC LIMIT 1
"""


async def get_last_plan(tx: Transaction, user_id: int) -> str | None:
    code: str | None = await tx.value(LAST_PLAN, user_id)
    return code


async def get_granted_at(tx: Transaction, period_id: int) -> datetime:
    granted_at: datetime = await tx.value(
        "SELECT granted_at FROM subscription_periods WHERE id = $1", period_id
    )
    return granted_at


# Two users who became one may both have had days before: those that last longer are not used up yet.
IMPORTED = """
    SELECT id FROM subscription_periods WHERE user_id = $1 AND cause = 'import'
    ORDER BY upper(span) DESC NULLS LAST, id DESC LIMIT 1
"""


async def get_imported_period(tx: Transaction, user_id: int) -> int | None:
    period_id: int | None = await tx.value(IMPORTED, user_id)
    return period_id


DUE_ENDS = """
    SELECT user_id, end_due_at FROM subscriptions WHERE end_due_at <= billing_now()
    ORDER BY end_due_at LIMIT $1 FOR UPDATE SKIP LOCKED
"""


async def lock_due_ends(tx: Transaction, *, limit: int) -> Mapping[int, datetime]:
    """Users whose access has ended and was not told so yet, and when; who is locked elsewhere has to wait."""
    return {row["user_id"]: row["end_due_at"] for row in await tx.rows(DUE_ENDS, limit)}


# Sent after the locks were obtained.
CLOSE_ENDS = """
    UPDATE subscriptions SET end_due_at = CASE WHEN pro_ends(user_id) > billing_now() THEN pro_ends(user_id) END
    WHERE user_id = ANY($1) RETURNING user_id, end_due_at IS NULL AS is_over
"""


async def close_ends(tx: Transaction, user_ids: Sequence[int]) -> Sequence[int]:
    """Of these users, whose locks the caller holds, those whose access is really over; it is due no more."""
    rows = await tx.rows(CLOSE_ENDS, list(user_ids))
    return sorted(row["user_id"] for row in rows if row["is_over"])


ADRIFT = """
    SELECT user_id, id AS period_id FROM subscription_periods adrift
    WHERE lower(span) > billing_now() + $1::interval AND NOT EXISTS (
        SELECT FROM subscription_periods before WHERE before.user_id = adrift.user_id
            AND period_line(before.chain) = period_line(adrift.chain) AND upper(before.span) = lower(adrift.span)
    )
"""


class Adrift(NamedTuple):
    """A period that is still to come, and begins where no other one ends."""

    user_id: int
    period_id: int


async def list_adrift(tx: Transaction) -> Sequence[Adrift]:
    return [Adrift(**row) for row in await tx.rows(ADRIFT, AGREE_WITHIN)]


async def get_plan_and_end(
    session: AsyncSession, user_id: int
) -> tuple[Plan, datetime | None, datetime] | None:
    """The plan of the span that contains now, else FREE; the end of the last span of PRO, be it over; and now."""
    pro_until = (
        select(LAST_END)
        .join(Plan, Plan.code == Period.plan_code)
        .where(Period.user_id == user_id, Plan.price > 0, ~Plan.is_test, COUNTS)
        .scalar_subquery()
    )
    # A subquery, so that it runs once, and not for every plan.
    in_force = select(func.plan_in_force(user_id, billing_now())).scalar_subquery()
    statement = select(Plan, pro_until, billing_now()).where(Plan.code == in_force)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (row[0], row[1], row[2])
