"""The tables of the people who use the panel."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class StaffAccount(Model):
    """A person by the name that the audit log shows; without a password he comes in through a proxy only."""

    __tablename__ = "staff_accounts"
    __table_args__ = (
        CheckConstraint("name ~ '^[a-z0-9][a-z0-9._@-]{0,63}$'", name="name_is_plain"),
        CheckConstraint("role IN ('support', 'finance', 'owner')", name="role_known"),
    )

    name: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str]
    password_hash: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    disabled_at: Mapped[datetime | None]


class StaffSession(Model):
    """Somebody signed in; `digest` is the SHA-256 of what his browser shows, which stands nowhere else."""

    __tablename__ = "staff_sessions"
    __table_args__ = (
        Index("ix_staff_sessions_account", "account"),
        Index("ix_staff_sessions_seen_at", "seen_at"),
    )

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("staff_accounts.name"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    seen_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))


class StaffAct(Model):
    """An act under the key of its form. Who holds the lease is doing it; `outcome` came of it at `done_at`."""

    __tablename__ = "staff_acts"
    __table_args__ = (
        CheckConstraint("(done_at IS NULL) = (outcome IS NULL)", name="done_has_outcome"),
        Index("ix_staff_acts_begun_at", "begun_at"),
    )

    key: Mapped[UUID] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("staff_accounts.name"))
    act: Mapped[str]
    fingerprint: Mapped[str]
    begun_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    lease_until: Mapped[datetime]
    done_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
