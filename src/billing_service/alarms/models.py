"""The alarms about single things: one row a thing, however often it is met."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class StandingAlarm(Model):
    """`subject` is the id of the thing, `service` for a condition; `facts` is what was wrong when it was met last.

    `times` counts how often it was met; a person was told at `first_at`, and last at `changed_at`. At `resolved_at` a
    person has decided about it, with these facts; at `acknowledged_at` one has said that he takes care of it.
    """

    __tablename__ = "alarms"
    __table_args__ = (
        CheckConstraint("times > 0", name="met_at_least_once"),
        CheckConstraint(
            "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="acknowledged_by_somebody"
        ),
        Index("ix_alarms_last_at", "last_at"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    times: Mapped[int] = mapped_column(server_default=text("1"))
    first_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    changed_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    last_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    resolved_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
