"""What each audit found, for good; and how far one that is under way has come."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class DailyAudit(Model):
    """One look at a day, or at everything (`is_full`).

    `feed_no` is how far the feed of events was numbered when it began: the next one examines whoever had an event
    since. `report` is what `billing-service audit --json` prints.
    """

    __tablename__ = "daily_audits"
    __table_args__ = (Index("ix_daily_audits_day", "day"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    day: Mapped[date]
    is_full: Mapped[bool]
    feed_no: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)


class DailyAuditSide(Model):
    """`sides.Side` of a day that is being audited; it goes when the report is kept."""

    __tablename__ = "daily_audit_sides"
    __table_args__ = (CheckConstraint("kind IN ('payment', 'refund')", name="kind_known"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    left_until: Mapped[datetime]
    is_complete: Mapped[bool] = mapped_column(server_default=text("false"))
    theirs: Mapped[Decimal] = mapped_column(server_default=text("0"))
    ours: Mapped[Decimal] = mapped_column(server_default=text("0"))
    difference_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    differences: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    foreign_count: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    foreign_ids: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
