"""The table of refund requests."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class RefundRequest(Model):
    """A case: open until a refund of its payment succeeds, which a trigger writes down with `refund_id`, or until
    somebody refuses it and says why."""

    __tablename__ = "refund_requests"
    __table_args__ = (
        CheckConstraint("answer_by > created_at", name="time_to_answer"),
        CheckConstraint("num_nulls(refused_by, refusal) IN (0, 2)", name="refused_wholly"),
        CheckConstraint(
            "(concluded_at IS NOT NULL) = (num_nonnulls(refund_id, refusal) = 1)", name="concluded_by_one"
        ),
        CheckConstraint("num_nonnulls(refund_id, refusal) < 2", name="refunded_or_refused"),
        UniqueConstraint("number", name="uq_refund_requests_number"),
        Index("ix_refund_requests_payment_id", "payment_id"),
        Index(
            "uq_refund_requests_open",
            "payment_id",
            unique=True,
            postgresql_where=text("concluded_at IS NULL"),
        ),
        Index("ix_refund_requests_answer_by", "answer_by", postgresql_where=text("concluded_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    # What the payer is told; it says nothing about how many there are of anything else.
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    answer_by: Mapped[datetime]
    concluded_at: Mapped[datetime | None]
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"))
    refused_by: Mapped[str | None]
    refusal: Mapped[str | None]
