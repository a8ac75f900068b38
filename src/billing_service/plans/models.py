"""The table of plans."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class Plan(Model):
    """What is sold. Prices are in roubles; no limit and no old price are null; -1 days of history mean all of it."""

    __tablename__ = "subscription_plans"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_not_negative"),
        CheckConstraint("old_price >= 0", name="old_price_not_negative"),
        CheckConstraint("duration_days >= 0", name="duration_not_negative"),
        CheckConstraint("duration_days <= 36525", name="duration_within_a_century"),
        CheckConstraint("price = 0 OR duration_days > 0", name="paid_plan_lasts"),
        CheckConstraint("daily_photo_limit >= 0", name="limit_not_negative"),
        CheckConstraint("history_days >= -1", name="history_days_known"),
        CheckConstraint("old_price > price", name="old_price_above_price"),
        CheckConstraint("char_length(description) BETWEEN 1 AND 128", name="description_fits_a_receipt"),
        CheckConstraint("vat_code BETWEEN 1 AND 12", name="vat_code_known"),
        CheckConstraint(
            "jsonb_typeof(daily_limits) = 'object' AND NOT daily_limits ? 'photo_ai' AND NOT jsonb_path_exists("
            'daily_limits, \'strict $.* ? (@.type() != "null" && '
            '(@.type() != "number" || @ < 0 || @ > 1000000 || @.floor() != @))\')',
            name="daily_limits_known",
        ),
        CheckConstraint(
            "code <> 'FREE' OR (price = 0 AND old_price IS NULL AND duration_days = 0 AND is_active AND NOT is_test)",
            name="free_stays_free",
        ),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    display_name: Mapped[str]
    description: Mapped[str]
    price: Mapped[Decimal]
    old_price: Mapped[Decimal | None]
    duration_days: Mapped[int]
    daily_photo_limit: Mapped[int | None]
    # Of every feature besides photos that is part of it.
    daily_limits: Mapped[dict[str, int | None]] = mapped_column(JSONB, server_default=text("'{}'::jsonb"))
    history_days: Mapped[int]
    ai_recognition: Mapped[bool]
    advanced_stats: Mapped[bool]
    priority_support: Mapped[bool]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    is_test: Mapped[bool] = mapped_column(server_default=text("false"))
    # In place of the one that is configured.
    vat_code: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))

    @property
    def is_pro(self) -> bool:
        """Whether a holder of this plan is shown as PRO: paid plans are, the one rouble test is not."""
        return self.price > 0 and not self.is_test
