"""The table of what was registered with the tax office."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class NpdRegistration(Model):
    """One payment or one refund stands in «Мой налог». `number` and `link` are those of the receipt there.

    What is not here yet is open: the register itself is the succeeded rows of payments and refunds.
    """

    __tablename__ = "npd_registrations"
    __table_args__ = (
        CheckConstraint("num_nonnulls(payment_id, refund_id) = 1", name="about_one_thing"),
        UniqueConstraint("payment_id", name="uq_npd_registrations_payment_id"),
        UniqueConstraint("refund_id", name="uq_npd_registrations_refund_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    refund_id: Mapped[UUID | None] = mapped_column(ForeignKey("refunds.id"))
    number: Mapped[str]
    link: Mapped[str | None]
    author: Mapped[str]
    caller: Mapped[str]
    registered_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
