"""What was used on a day, what is held for analyses that are still running, and which operations are remembered."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class DailyUsage(Model):
    """One row a user and day (in `BILLING_TIMEZONE`).

    `holds` maps an operation to `[amount, seconds since 1970 until which it is held]`. `nameless` is the newest of what
    was counted without an operation's id, as `[microseconds since 1970, amount]`.
    """

    __tablename__ = "daily_usage"
    __table_args__ = (
        CheckConstraint("photo_ai_requests >= 0", name="requests_not_negative"),
        CheckConstraint("jsonb_typeof(holds) = 'object'", name="holds_object"),
        Index("ix_daily_usage_date", "date"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    photo_ai_requests: Mapped[int] = mapped_column(server_default=text("0"))
    holds: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    nameless: Mapped[list[list[int]]] = mapped_column(
        ARRAY(BigInteger), server_default=text("'{}'::bigint[]")
    )


class DailyFeatureUsage(Model):
    """What a feature besides photos used and holds on a day, as `DailyUsage` says it of photos.

    Whoever changes it holds the lock of the user's `daily_usage` row of that day.
    """

    __tablename__ = "daily_feature_usage"
    __table_args__ = (
        CheckConstraint("used >= 0", name="used_not_negative"),
        CheckConstraint("jsonb_typeof(holds) = 'object'", name="holds_object"),
        CheckConstraint("feature <> 'photo_ai'", name="photos_have_their_own"),
        Index("ix_daily_feature_usage_date", "date"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    feature: Mapped[str] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(server_default=text("0"))
    holds: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    nameless: Mapped[list[list[int]]] = mapped_column(
        ARRAY(BigInteger), server_default=text("'{}'::bigint[]")
    )


class UsageOperation(Model):
    """An operation the caller named, so that a repeat counts nothing.

    `date` is the day it was admitted on, `photos` how many of the feature were asked for then, `counted` how many count
    in the end; null while none does, and for what the release before counted.
    """

    __tablename__ = "usage_operations"
    __table_args__ = (
        CheckConstraint("photos BETWEEN 1 AND 100", name="photos_in_bounds"),
        CheckConstraint("state IN ('held', 'counted', 'released')", name="state_known"),
        CheckConstraint("counted BETWEEN 1 AND 100", name="counted_in_bounds"),
        Index("ix_usage_operations_changed_at", "changed_at"),
        Index("ix_usage_operations_user_id_date", "user_id", "date"),
    )

    operation_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    date: Mapped[dt.date]
    photos: Mapped[int]
    state: Mapped[str]
    changed_at: Mapped[dt.datetime] = mapped_column(server_default=text("billing_now()"))
    feature: Mapped[str] = mapped_column(server_default=text("'photo_ai'"))
    began_at: Mapped[dt.datetime | None]
    held_until: Mapped[dt.datetime | None]
    counted: Mapped[int | None]


class UsageTimezone(Model):
    """One row: whose midnight ends a day, for every process (`schema.timezone`)."""

    __tablename__ = "usage_timezone"
    __table_args__ = (CheckConstraint("singleton", name="singleton"),)

    name: Mapped[str]
    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
