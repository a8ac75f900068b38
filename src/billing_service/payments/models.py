"""The table of payments."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.config import Settings
from billing_service.kit.db import Model
from billing_service.kit.transitions import next_state
from billing_service.payments.states import MOVES, Report, Status

PLAN = "PLAN"
# The `provider_error_code` of what the provider never had; it is no refusal.
NEVER_CREATED = "never_created"


class Payment(Model):
    """Money coming in. Amounts are in roubles; plan, price and days are frozen when the row is made.

    `id` is also the provider's idempotence key. `PENDING` without `yookassa_payment_id` means that we do not know yet
    whether the provider has it. `request_body` (encrypted) is what was sent, byte for byte, until the payment is final.
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
        UniqueConstraint("id", "user_id", "plan_code", "duration_days", name="uq_payments_terms"),
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
        Index("ix_payments_user_id_created_at", "user_id", "created_at"),
        Index(
            "ix_payments_open",
            "created_at",
            postgresql_where=text("status IN ('PENDING', 'WAITING_FOR_CAPTURE')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.user_id"))
    plan_code: Mapped[str | None] = mapped_column(ForeignKey("subscription_plans.code"))
    amount: Mapped[Decimal]
    currency: Mapped[str]
    duration_days: Mapped[int | None]
    description: Mapped[str]
    purpose: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=text("'PENDING'"))
    imported: Mapped[bool] = mapped_column(server_default=text("false"))
    shop_id: Mapped[str]
    is_test: Mapped[bool]
    is_recurring: Mapped[bool] = mapped_column(server_default=text("false"))
    save_payment_method: Mapped[bool] = mapped_column(server_default=text("false"))

    caller: Mapped[str]
    route: Mapped[str]
    idempotency_key: Mapped[str | None]
    request_fingerprint: Mapped[str]
    return_url: Mapped[str]

    request_body: Mapped[bytes | None]
    first_sent_at: Mapped[datetime | None]
    last_sent_at: Mapped[datetime | None]
    send_lease_until: Mapped[datetime | None]
    outcome_unknown: Mapped[bool] = mapped_column(server_default=text("false"))

    yookassa_payment_id: Mapped[str | None]
    confirmation_url: Mapped[str | None]
    cancellation_party: Mapped[str | None]
    cancellation_reason: Mapped[str | None]
    provider_error_id: Mapped[str | None]
    provider_error_code: Mapped[str | None]
    seen_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]
    webhook_processed_at: Mapped[datetime | None]
    period_id: Mapped[int | None] = mapped_column(BigInteger)
    renewed_period_id: Mapped[int | None] = mapped_column(
        ForeignKey("subscription_periods.id", name="fk_payments_renewed_period_id", use_alter=True)
    )
    next_ask_at: Mapped[datetime | None] = mapped_column(
        server_default=text("billing_now() + interval '30 seconds'")
    )
    absent_since: Mapped[datetime | None]
    # A second object of the provider's was paid for that payment.
    surplus_of: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))

    @property
    def state(self) -> Status:
        return Status(self.status)

    def is_of_shop(self, settings: Settings) -> bool:
        """Whether it was made for the shop we are configured for; no other one may be asked about it or charge it."""
        return (self.shop_id, self.is_test) == (settings.shop_id, settings.shop_is_test)

    def move(self, report: Report, at: datetime) -> bool:
        """Take a report in. True if the state changed; raises `ImpossibleMove` for what must never happen."""
        before = self.state
        after = next_state(MOVES, before, report)
        self.status = after
        self.updated_at = at
        if after is not Status.PENDING:
            self.request_body = None
        return after is not before


class ListWalk(Model):
    """How far one of YooKassa's lists was compared with our rows; each shop has lists of its own.

    Of a step that was interrupted: it ends at `step_until`, and of it what was created before `left_until` is left.
    """

    __tablename__ = "list_walks"
    __table_args__ = (
        CheckConstraint("(step_until IS NULL) = (left_until IS NULL)", name="interrupted_step_is_whole"),
    )

    list: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(primary_key=True)
    compared_until: Mapped[datetime]
    step_until: Mapped[datetime | None]
    left_until: Mapped[datetime | None]
