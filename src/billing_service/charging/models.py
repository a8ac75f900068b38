"""The table of stops."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class Source(StrEnum):
    """Who may stop: an operator, the daily audit that found money wrong, a jump of declines, and
    `BILLING_RECURRING_ENABLED`."""

    OPERATOR = "operator"
    AUDIT = "audit"
    TRIP = "trip"
    SETTING = "setting"


class ChargingStop(Model):
    """One row for each source that ever spoke. While any of them is stopped no saved method is charged, by any process.

    `changed_at` of the operator's row, when it is not stopped, is when he last started charging; of the setting's, when
    renewals were last switched on.
    """

    __tablename__ = "charging_stops"
    __table_args__ = (
        CheckConstraint("source IN ('operator', 'audit', 'trip', 'setting')", name="source"),
        CheckConstraint("num_nulls(stopped_since, author, reason) IN (0, 3)", name="stopped_wholly"),
    )

    source: Mapped[str] = mapped_column(primary_key=True)
    stopped_since: Mapped[datetime | None]
    author: Mapped[str | None]
    reason: Mapped[str | None]
    changed_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
