"""The table of refunds."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model
from billing_service.kit.transitions import next_state
from billing_service.provider_calls.intents import Intent
from billing_service.receipts.models import ReceiptRegistration, receipt_index, registration_constraint
from billing_service.refunds.states import MOVES, Report, Status

API, CABINET = "api", "cabinet"


class Refund(Intent, ReceiptRegistration, Model):
    """Money going back. Amounts are in roubles. What every call to the provider needs is in `Intent`, how
    its receipt fares in `ReceiptRegistration`; what that says is its payment's.

    `access` is what happens to the access that was paid for: as it was stated, or else (`access_stated` is false) as it
    is configured once the refund succeeds; null until then for one that was made in the provider's cabinet. It was done
    at `applied_at`, and took `access_cut` off the period; both are null while the refund waits for its success or for
    its payment to be settled here. A refund made by the API has its author, its caller and its key.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency_code"),
        CheckConstraint("status IN ('PENDING', 'SUCCEEDED', 'CANCELED', 'FAILED')", name="status_known"),
        CheckConstraint("access IN ('keep', 'cut_prorata', 'cut_all')", name="access_known"),
        CheckConstraint("made_by IN ('api', 'cabinet')", name="made_by_known"),
        CheckConstraint(
            "made_by = 'cabinet' OR (author IS NOT NULL AND caller IS NOT NULL AND idempotency_key IS NOT NULL "
            "AND request_fingerprint IS NOT NULL)",
            name="made_here_says_by_whom",
        ),
        CheckConstraint("NOT access_stated OR access IS NOT NULL", name="stated_access_is_known"),
        CheckConstraint(
            "(applied_at IS NULL) = (access_cut IS NULL) "
            "AND (applied_at IS NULL OR (status = 'SUCCEEDED' AND access IS NOT NULL))",
            name="applied_once_succeeded",
        ),
        CheckConstraint(
            "access_cut >= interval '0' AND (access <> 'keep' OR access_cut = interval '0')",
            name="only_access_is_cut",
        ),
        registration_constraint(),
        CheckConstraint("status = 'PENDING' OR request_body IS NULL", name="request_erased_once_known"),
        UniqueConstraint("yookassa_refund_id", name="uq_refunds_yookassa_refund_id"),
        Index("ix_refunds_completed_at", "completed_at", postgresql_where=text("status = 'SUCCEEDED'")),
        receipt_index("refunds"),
        Index("ix_refunds_payment_id", "payment_id"),
        Index("ix_refunds_created_at", "created_at", "id"),
        Index("ix_refunds_not_succeeded", "created_at", "id", postgresql_where=text("status <> 'SUCCEEDED'")),
        Index(
            "uq_refunds_idempotency_key",
            "caller",
            "payment_id",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
        Index("ix_refunds_next_ask_at", "next_ask_at", postgresql_where=text("status = 'PENDING'")),
    )

    payment_id: Mapped[UUID] = mapped_column(ForeignKey("payments.id"))
    amount: Mapped[Decimal]
    currency: Mapped[str]
    made_by: Mapped[str] = mapped_column(server_default=text("'cabinet'"))
    access: Mapped[str | None]
    access_stated: Mapped[bool] = mapped_column(server_default=text("false"))
    access_cut: Mapped[timedelta | None]
    applied_at: Mapped[datetime | None]
    reason: Mapped[str]
    author: Mapped[str | None]

    caller: Mapped[str | None]
    idempotency_key: Mapped[str | None]
    request_fingerprint: Mapped[str | None]

    yookassa_refund_id: Mapped[str | None]
    # Why the provider refused to make it, in its own words.
    refusal: Mapped[str | None]
    completed_at: Mapped[datetime | None]

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
