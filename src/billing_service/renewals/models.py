"""The tables of renewals: what payers were told before, and what was charged in an hour."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class RenewalNotice(Model):
    """The payer is to be told that the period behind `period_id` will be charged, on these terms.

    A charge names it by its terms, so that nobody is charged another sum than he was told. It covers every charge from
    `charge_at`, and some days after `told_at`, to `charge_until`. `told_at` is the receiver's word for when the payer
    was told, by the channel `told_by`; never before the notice was written.
    """

    __tablename__ = "renewal_notices"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("duration_days > 0", name="days_positive"),
        CheckConstraint("charge_at < charge_until", name="charge_window"),
        CheckConstraint("(told_at IS NULL) = (told_by IS NULL)", name="told_wholly"),
        CheckConstraint("told_at >= created_at", name="told_once_written"),
        UniqueConstraint(
            *("id", "user_id", "period_id", "plan_code", "amount", "currency", "duration_days"),
            name="uq_renewal_notices_terms",
        ),
        UniqueConstraint("event_id", name="uq_renewal_notices_event_id"),
        Index("ix_renewal_notices_period_id_created_at", "period_id", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.user_id"))
    period_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("subscription_periods.id"))
    plan_code: Mapped[str] = mapped_column(ForeignKey("subscription_plans.code"))
    amount: Mapped[Decimal]
    currency: Mapped[str]
    duration_days: Mapped[int]
    charge_at: Mapped[datetime]
    charge_until: Mapped[datetime]
    event_id: Mapped[UUID]
    told_at: Mapped[datetime | None]
    told_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))


class RenewalHour(Model):
    """What was charged in one hour, and the sum it may not exceed."""

    __tablename__ = "renewal_hours"
    __table_args__ = (CheckConstraint("amount <= most", name="within_bound"),)

    hour: Mapped[datetime] = mapped_column(primary_key=True)
    charges: Mapped[int]
    amount: Mapped[Decimal]
    most: Mapped[Decimal]
