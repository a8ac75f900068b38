"""The table of audits: what each one found, for good."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
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
