"""The tables of the move: each import with its report, what each user had, and what differs."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, Range
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class LegacyImport(Model):
    """One run, with its report once it came to its end. `source` names server, database and schema, no secret."""

    __tablename__ = "legacy_imports"
    __table_args__ = (
        CheckConstraint("(finished_at IS NULL) = (report IS NULL)", name="finished_with_its_report"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    source: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    finished_at: Mapped[datetime | None]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class LegacyAccess(Model):
    """A user's row there as it was when it was last taken over, its span, and the period that it became, if any.

    The period lies on that span, or behind the days that the user had here before.
    """

    __tablename__ = "legacy_access"

    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("subscriptions.user_id"), primary_key=True, autoincrement=False
    )
    plan_code: Mapped[str]
    start_date: Mapped[datetime]
    end_date: Mapped[datetime]
    is_active: Mapped[bool]
    span: Mapped[Range[datetime] | None] = mapped_column(TSTZRANGE)
    period_id: Mapped[int | None] = mapped_column(ForeignKey("subscription_periods.id"))
    imported_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))


class LegacyDifference(Model):
    """Something that is otherwise here than it was there; `kind` says why (`proof.KINDS`)."""

    __tablename__ = "legacy_differences"
    __table_args__ = (
        CheckConstraint("about IN ('plan', 'user', 'payment', 'refund')", name="about_known"),
        Index("ix_legacy_differences_import_id_kind", "import_id", "kind"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("legacy_imports.id"))
    about: Mapped[str]
    subject: Mapped[str]
    kind: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
