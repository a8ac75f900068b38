"""The table of consents."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.consents.coverage import Terms
from billing_service.kit.db import Model


class Consent(Model):
    """A user agreed, under one version of a document, to be charged for a plan at a price for a period of days.

    It is evidence: a trigger lets it be withdrawn once, and lets nothing else about it be changed. `payer_ip` and
    `payer_agent` are what the caller said of the payer's device. `given_with` says on which occasion.
    """

    __tablename__ = "consents"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_code"),
        CheckConstraint("period_days > 0", name="period_positive"),
        CheckConstraint("given_with IN ('consent', 'purchase', 'binding')", name="given_with_known"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_wholly"),
        CheckConstraint("withdrawn_by IN ('user', 'refusal')", name="withdrawn_by_known"),
        UniqueConstraint("id", "user_id", name="uq_consents_id_user_id"),
        Index("ix_consents_user_id_given_at", "user_id", "given_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.user_id"))
    document_version: Mapped[str]
    plan_code: Mapped[str] = mapped_column(ForeignKey("subscription_plans.code"))
    amount: Mapped[Decimal]
    currency: Mapped[str]
    period_days: Mapped[int]
    given_with: Mapped[str]
    caller: Mapped[str]
    payer_ip: Mapped[str | None]
    payer_agent: Mapped[str | None]
    given_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]

    @property
    def terms(self) -> Terms:
        return Terms(self.plan_code, self.amount, self.period_days)
