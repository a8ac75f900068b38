"""The inbox: one row for each thing YooKassa told us, however often it was told."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class WebhookLog(Model):
    """A notification, redacted; `states` says what its status means.

    `attempts` counts its copies, `looks` how often we asked the provider because of it, `jobs_ended` how many of the
    jobs that look have come to an end: a row has one job at a time.
    """

    __tablename__ = "webhook_logs"
    __table_args__ = (
        UniqueConstraint("event_id", name="uq_webhook_logs_event_id"),
        CheckConstraint(
            "status IN ('RECEIVED', 'SUCCESS', 'FAILED', 'UNMATCHED', 'FOREIGN', 'GIVEN_UP', 'CLOSED')",
            name="status_known",
        ),
        CheckConstraint("attempts >= 0 AND looks >= 0 AND jobs_ended >= 0", name="counts_not_negative"),
        Index("ix_webhook_logs_payment_id", "payment_id"),
        Index("ix_webhook_logs_created_at", "created_at"),
        Index("ix_webhook_logs_trace_id", "trace_id", postgresql_using="hash"),
        Index(
            "ix_webhook_logs_left",
            "id",
            postgresql_where=text("status IN ('FAILED', 'FOREIGN', 'CLOSED')"),
        ),
        Index(
            "ix_webhook_logs_unsettled",
            "created_at",
            postgresql_where=text("status IN ('RECEIVED', 'UNMATCHED', 'GIVEN_UP')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    event_id: Mapped[str]
    event_type: Mapped[str]
    payment_id: Mapped[str]
    trace_id: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'RECEIVED'"))
    attempts: Mapped[int] = mapped_column(server_default=text("1"))
    looks: Mapped[int] = mapped_column(server_default=text("0"))
    jobs_ended: Mapped[int] = mapped_column(server_default=text("0"))
    error_message: Mapped[str | None]
    raw_payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    client_ip: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    processed_at: Mapped[datetime | None]
