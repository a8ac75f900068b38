"""The table of refunds."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class Refund(Model):
    """Money going back. `amount` is in roubles; `access` is what happens to the access that was paid for."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_code"),
        CheckConstraint("status IN ('PENDING', 'SUCCEEDED', 'CANCELED', 'FAILED')", name="status_known"),
        CheckConstraint("access IN ('keep', 'cut_prorata', 'cut_all')", name="access_known"),
        UniqueConstraint("yookassa_refund_id", name="uq_refunds_yookassa_refund_id"),
        Index("ix_refunds_payment_id", "payment_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    amount: Mapped[Decimal]
    currency: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'PENDING'"))
    access: Mapped[str]
    reason: Mapped[str]
    yookassa_refund_id: Mapped[str | None]
    cancellation_party: Mapped[str | None]
    cancellation_reason: Mapped[str | None]
    completed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
