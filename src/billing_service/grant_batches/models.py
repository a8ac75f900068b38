"""The tables of batches."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class GrantBatch(Model):
    """The same days for many: `name` is the key under which it is begun once, `audience` how its members were found."""

    __tablename__ = "grant_batches"
    __table_args__ = (
        CheckConstraint("days > 0", name="days_positive"),
        CheckConstraint("num_nulls(revoked_at, revoked_by, revoke_reason) IN (0, 3)", name="revoked_wholly"),
        UniqueConstraint("name", name="uq_grant_batches_name"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    name: Mapped[str]
    audience: Mapped[str]
    plan_code: Mapped[str] = mapped_column(ForeignKey("subscription_plans.code"))
    days: Mapped[int]
    author: Mapped[str]
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    revoke_reason: Mapped[str | None]


class GrantBatchMember(Model):
    """A user of a batch, chosen when it began; `grant_id` is what he got, None until then."""

    __tablename__ = "grant_batch_members"
    __table_args__ = (
        UniqueConstraint("grant_id", name="uq_grant_batch_members_grant_id"),
        Index("ix_grant_batch_members_user_id", "user_id"),
    )

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("grant_batches.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey("grants.id"))
