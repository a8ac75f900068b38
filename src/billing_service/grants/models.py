"""The table of grants."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class Grant(Model):
    """Somebody gave days: author, reason, plan and days stand on its period. `taken` is what a revocation took back."""

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint(
            "num_nulls(revoked_at, revoked_by, revoke_reason, taken) IN (0, 4)", name="revoked_wholly"
        ),
        UniqueConstraint("period_id", name="uq_grants_period_id"),
        UniqueConstraint("caller", "user_id", "idempotency_key", name="uq_grants_idempotency_key"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.user_id"))
    period_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("subscription_periods.id"))
    caller: Mapped[str]
    idempotency_key: Mapped[str]
    request_fingerprint: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    revoke_reason: Mapped[str | None]
    taken: Mapped[timedelta | None]
