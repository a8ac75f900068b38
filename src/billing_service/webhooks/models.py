"""The inbox: one row for each thing YooKassa told us, however often it was told."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class WebhookLog(Model):
    """A notification, redacted. `attempts` counts its copies, `looks` how often we asked the provider because of it.

    RECEIVED is open; SUCCESS means that the payment says what the notification said; FAILED, that what the provider
    reports contradicts our payment; UNMATCHED, that it names a payment of ours we do not have; FOREIGN, that it
    belongs to another system in the same shop (with an alarm, if that one uses our mark for something else).
    """

    __tablename__ = "webhook_logs"
    __table_args__ = (
        UniqueConstraint("event_id", name="uq_webhook_logs_event_id"),
        CheckConstraint(
            "status IN ('RECEIVED', 'SUCCESS', 'FAILED', 'UNMATCHED', 'FOREIGN')",
            name="status_known",
        ),
        CheckConstraint("attempts >= 0 AND looks >= 0", name="counts_not_negative"),
        Index("ix_webhook_logs_payment_id", "payment_id"),
        Index(
            "ix_webhook_logs_open", "created_at", postgresql_where=text("status IN ('RECEIVED', 'UNMATCHED')")
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
    error_message: Mapped[str | None]
    raw_payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    client_ip: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    processed_at: Mapped[datetime | None]
