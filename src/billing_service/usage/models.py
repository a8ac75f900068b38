"""What was used on a day, what is held for analyses that are still running, and which operations are remembered."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class DailyUsage(Model):
    """One row a user and day (in `BILLING_TIMEZONE`).

    `holds` maps an operation to `[amount, seconds since 1970 until which it is held]`.
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


class UsageOperation(Model):
    """An operation the caller named, so that a repeat counts nothing. `date` is the day it was reserved on."""

    __tablename__ = "usage_operations"
    __table_args__ = (
        CheckConstraint("photos BETWEEN 1 AND 100", name="photos_in_bounds"),
        CheckConstraint("state IN ('held', 'counted', 'released')", name="state_known"),
        Index("ix_usage_operations_changed_at", "changed_at"),
    )

    operation_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    date: Mapped[dt.date]
    photos: Mapped[int]
    state: Mapped[str]
    changed_at: Mapped[dt.datetime] = mapped_column(server_default=text("billing_now()"))


class UsageTimezone(Model):
    """One row: whose midnight ends a day, for every process (`schema.timezone`)."""

    __tablename__ = "usage_timezone"
    __table_args__ = (CheckConstraint("singleton", name="singleton"),)

    name: Mapped[str]
    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
