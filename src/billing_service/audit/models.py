"""The audit log: every deed of an operator, for good."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class AuditEntry(Model):
    """`caller` is the service token's name; `author` and `reason` are what the caller says of the person behind it."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_user_id", "user_id"),
        Index("ix_audit_log_action", "action"),
        Index("ix_audit_log_request_id", "request_id"),
        Index("ix_audit_log_panel_author", "author", "id", postgresql_where=text("caller = 'panel'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    caller: Mapped[str]
    author: Mapped[str | None]
    reason: Mapped[str | None]
    action: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    request_id: Mapped[str]
