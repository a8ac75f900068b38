"""What was used on a day, and what is held for analyses that are still running."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class DailyUsage(Model):
    """One row a user and day (in `BILLING_TIMEZONE`); `holds` maps an operation to `[amount, until]`."""

    __tablename__ = "daily_usage"
    __table_args__ = (
        CheckConstraint("photo_ai_requests >= 0", name="requests_not_negative"),
        CheckConstraint("jsonb_typeof(holds) = 'object'", name="holds_object"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    photo_ai_requests: Mapped[int] = mapped_column(server_default=text("0"))
    holds: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
