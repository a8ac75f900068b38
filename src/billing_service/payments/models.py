"""The table of payments."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model
from billing_service.kit.transitions import next_state
from billing_service.payments.states import MOVES, Report, Status
from billing_service.provider_calls.intents import Intent
from billing_service.receipts.models import ReceiptRegistration, receipt_constraints, receipt_index

PLAN = "PLAN"
# The `provider_error_code` of what the provider never had; it is no refusal.
NEVER_CREATED = "never_created"


class Payment(Intent, ReceiptRegistration, Model):
    """Money coming in. Amounts are in roubles; plan, price and days are frozen when the row is made.

    What every call to the provider needs is in `Intent`, how its receipt fares in `ReceiptRegistration`.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_code"),
        CheckConstraint("purpose IN ('PLAN', 'BINDING')", name="purpose_known"),
        CheckConstraint(
            "status IN ('PENDING', 'WAITING_FOR_CAPTURE', 'SUCCEEDED', 'CANCELED', 'FAILED')",
            name="status_known",
        ),
        CheckConstraint(
            "purpose <> 'PLAN' OR (plan_code IS NOT NULL AND coalesce(duration_days, 0) > 0)",
            name="plan_terms_frozen",
        ),
        CheckConstraint(
            "status <> 'SUCCEEDED' OR purpose <> 'PLAN' OR imported OR period_id IS NOT NULL",
            name="paid_has_its_period",
        ),
        CheckConstraint("status = 'SUCCEEDED' OR period_id IS NULL", name="period_is_paid"),
        CheckConstraint("status = 'PENDING' OR request_body IS NULL", name="request_erased_once_known"),
        CheckConstraint("NOT save_payment_method OR consent_id IS NOT NULL", name="saving_needs_consent"),
        CheckConstraint(
            "not_saved_because IN ('RECURRING_NOT_AVAILABLE', 'CONSENT_REQUIRED')",
            name="not_saved_because_known",
        ),
        CheckConstraint("payment_method_id IS NULL OR is_recurring", name="charge_is_recurring"),
        CheckConstraint(
            "NOT is_recurring OR imported OR surplus_of IS NOT NULL "
            "OR num_nulls(payment_method_id, consent_id, notice_id, renewed_period_id) = 0",
            name="renewal_stands_on_all",
        ),
        *receipt_constraints(),
        CheckConstraint("replaced_by IS NULL OR status <> 'PENDING'", name="replaced_once_refused"),
        ForeignKeyConstraint(
            ["consent_id", "user_id"],
            ["consents.id", "consents.user_id"],
            name="fk_payments_consent",
            deferrable=True,
        ),
        ForeignKeyConstraint(
            ["payment_method_id", "user_id", "shop_id", "is_test"],
            [
                *("payment_methods.id", "payment_methods.user_id", "payment_methods.shop_id"),
                "payment_methods.is_test",
            ],
            name="fk_payments_payment_method",
            deferrable=True,
        ),
        ForeignKeyConstraint(
            [
                *("notice_id", "user_id", "renewed_period_id"),
                *("plan_code", "amount", "currency", "duration_days"),
            ],
            [
                *("renewal_notices.id", "renewal_notices.user_id", "renewal_notices.period_id"),
                *("renewal_notices.plan_code", "renewal_notices.amount", "renewal_notices.currency"),
                "renewal_notices.duration_days",
            ],
            name="fk_payments_notice",
            deferrable=True,
            use_alter=True,
        ),
        UniqueConstraint("replaced_by", name="uq_payments_replaced_by"),
        UniqueConstraint("id", "user_id", "plan_code", "duration_days", "is_test", name="uq_payments_terms"),
        UniqueConstraint("id", "period_id", name="uq_payments_id_period_id"),
        UniqueConstraint("yookassa_payment_id", name="uq_payments_yookassa_payment_id"),
        ForeignKeyConstraint(
            ["period_id", "id"],
            ["subscription_periods.id", "subscription_periods.payment_id"],
            name="fk_payments_period_of_this_payment",
            use_alter=True,
        ),
        Index(
            "uq_payments_idempotency_key",
            "caller",
            "user_id",
            "route",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
        Index(
            "ix_payments_next_ask_at",
            "next_ask_at",
            postgresql_where=text("status IN ('PENDING', 'WAITING_FOR_CAPTURE')"),
        ),
        Index(
            "uq_payments_open_renewal",
            *("user_id", "shop_id", "is_test"),
            unique=True,
            postgresql_where=text(
                "payment_method_id IS NOT NULL AND surplus_of IS NULL "
                "AND status IN ('PENDING', 'WAITING_FOR_CAPTURE')"
            ),
        ),
        Index(
            "uq_payments_renewed_period",
            "renewed_period_id",
            unique=True,
            postgresql_where=text(
                "surplus_of IS NULL AND NOT frees_period "
                "AND status IN ('PENDING', 'WAITING_FOR_CAPTURE', 'SUCCEEDED')"
            ),
        ),
        Index(
            "ix_payments_renewals",
            *("renewed_period_id", "created_at"),
            postgresql_where=text("renewed_period_id IS NOT NULL"),
        ),
        Index("ix_payments_charges", "created_at", postgresql_where=text("payment_method_id IS NOT NULL")),
        Index("ix_payments_paid_at", "paid_at", postgresql_where=text("status = 'SUCCEEDED'")),
        Index(
            "ix_payments_revenue",
            *("plan_code", "is_test", "paid_at"),
            postgresql_include=["amount"],
            postgresql_where=text("status = 'SUCCEEDED' AND currency = 'RUB'"),
        ),
        Index(
            "ix_payments_open_of_user",
            "user_id",
            postgresql_where=text("status IN ('PENDING', 'WAITING_FOR_CAPTURE')"),
        ),
        Index(
            "ix_payments_canceled",
            "updated_at",
            postgresql_include=["is_test", "cancellation_party", "cancellation_reason"],
            postgresql_where=text("status = 'CANCELED'"),
        ),
        receipt_index("payments"),
        Index("ix_payments_user_id_created_at", "user_id", "created_at"),
        Index("ix_payments_created_at", "created_at", "id"),
        Index("ix_payments_failed", "created_at", "id", postgresql_where=text("status = 'FAILED'")),
        Index(
            "ix_payments_open",
            "created_at",
            postgresql_where=text("status IN ('PENDING', 'WAITING_FOR_CAPTURE')"),
        ),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.user_id"))
    plan_code: Mapped[str | None] = mapped_column(ForeignKey("subscription_plans.code"))
    amount: Mapped[Decimal]
    currency: Mapped[str]
    duration_days: Mapped[int | None]
    description: Mapped[str]
    purpose: Mapped[str]
    imported: Mapped[bool] = mapped_column(server_default=text("false"))
    is_recurring: Mapped[bool] = mapped_column(server_default=text("false"))
    save_payment_method: Mapped[bool] = mapped_column(server_default=text("false"))
    # The user agreed that the method is kept, or why it is not although it was asked for.
    consent_id: Mapped[UUID | None]
    not_saved_because: Mapped[str | None]
    # What is charged, without its owner being there; a trigger lets only an active one be written down.
    payment_method_id: Mapped[UUID | None]

    # What its receipt says was sold, so that a return repeats it; null together if it was sent without one.
    receipt_description: Mapped[str | None]
    receipt_vat_code: Mapped[int | None] = mapped_column(SmallInteger)
    receipt_tax_system_code: Mapped[int | None] = mapped_column(SmallInteger)
    receipt_subject: Mapped[str | None]
    receipt_mode: Mapped[str | None]

    caller: Mapped[str]
    route: Mapped[str]
    idempotency_key: Mapped[str | None]
    request_fingerprint: Mapped[str]
    return_url: Mapped[str]

    yookassa_payment_id: Mapped[str | None]
    confirmation_url: Mapped[str | None]
    paid_at: Mapped[datetime | None]
    # What the provider's fee leaves of `amount`, as it reports it; none is given back with a refund.
    income_amount: Mapped[Decimal | None]
    webhook_processed_at: Mapped[datetime | None]
    period_id: Mapped[int | None] = mapped_column(BigInteger)
    renewed_period_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscription_periods.id", name="fk_payments_renewed_period_id", use_alter=True)
    )
    # What the payer was told before; the terms are the notice's.
    notice_id: Mapped[UUID | None]
    # All of its money went back: the period that it renewed may be renewed again.
    frees_period: Mapped[bool] = mapped_column(server_default=text("false"))
    # A second object of the provider's was paid for that payment, or the money of that period came twice.
    surplus_of: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    # The provider would not keep the method; the same purchase went on without, and nobody is shown this row.
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))

    @property
    def state(self) -> Status:
        return Status(self.status)

    def move(self, report: Report) -> bool:
        """Take a report in. True if the state changed; raises `ImpossibleMove` for what must never happen."""
        before = self.state
        after = next_state(MOVES, before, report)
        self.status = after
        if after is not Status.PENDING:
            self.request_body = None
        return after is not before
