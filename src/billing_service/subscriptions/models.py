"""The tables of subscriptions and of their periods."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class Subscription(Model):
    """One row a user, made by the first checkout or grant; no row means FREE.

    It is the lock of a user's money: whoever changes payments or periods locks it first.

    `end_due_at` is the end of access that is still to be told, kept by triggers (events_of_facts.sql); no rule of
    access reads it. `renewal_look_at` is when its renewal is looked at next (renewals.sql).
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint("user_id > 0", name="user_id_positive"),
        CheckConstraint("moved_to <> user_id", name="moved_to_another"),
        Index("ix_subscriptions_moved_to", "moved_to", postgresql_where=text("moved_to IS NOT NULL")),
        Index("ix_subscriptions_end_due_at", "end_due_at", postgresql_where=text("end_due_at IS NOT NULL")),
        Index(
            "ix_subscriptions_renewal_look_at",
            "renewal_look_at",
            postgresql_where=text("auto_renew AND renewal_look_at IS NOT NULL"),
        ),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    auto_renew: Mapped[bool] = mapped_column(server_default=text("false"))
    # When the user last switched it on; it stays when it goes off.
    auto_renew_since: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    # Whose number is his from now on (`user_moves`): nothing is done under this one any more.
    moved_to: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.user_id"))
    end_due_at: Mapped[datetime | None]
    renewal_look_at: Mapped[datetime | None]


class Period(Model):
    """One span of access with exactly one cause.

    The constraints say: never two periods for a payment, which succeeded and whose user, plan, days and kind of shop
    are the period's own; a grant has an author and a reason, the span is as long as its days less what was cut, and no
    two spans of a user's chain overlap.

    Spans lie end to end in their `chain`: `live`; `test`, of a test shop, which counts where nothing live is sold; and
    `check`, the day of an administrator's one-rouble payment, which stands beside whatever he buys.
    """

    __tablename__ = "subscription_periods"
    __table_args__ = (
        CheckConstraint("cause IN ('payment', 'grant', 'import')", name="cause_known"),
        CheckConstraint("(cause = 'payment') = (payment_id IS NOT NULL)", name="payment_is_the_cause"),
        CheckConstraint(
            "(cause = 'grant') = (author IS NOT NULL AND reason IS NOT NULL)",
            name="grant_has_author_and_reason",
        ),
        CheckConstraint("days > 0", name="days_positive"),
        CheckConstraint("cut >= interval '0'", name="cut_not_negative"),
        CheckConstraint("NOT (lower_inf(span) OR upper_inf(span))", name="span_has_both_ends"),
        CheckConstraint(
            "coalesce(upper(span) - lower(span), interval '0') = days * interval '24 hours' - cut",
            name="span_is_days_less_cut",
        ),
        ForeignKeyConstraint(
            ["payment_id", "user_id", "plan_code", "days", "is_test"],
            [
                *("payments.id", "payments.user_id", "payments.plan_code", "payments.duration_days"),
                "payments.is_test",
            ],
            name="fk_subscription_periods_payment_terms",
            deferrable=True,
        ),
        ForeignKeyConstraint(
            ["payment_id", "id"],
            ["payments.id", "payments.period_id"],
            name="fk_subscription_periods_payment_is_paid",
            deferrable=True,
            initially="DEFERRED",
        ),
        ExcludeConstraint(
            ("user_id", "="),
            ("chain", "="),
            ("span", "&&"),
            name="ex_subscription_periods_no_overlap",
            using="gist",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("ix_subscription_periods_user_id_ends", "user_id", text("upper(span)")),
        Index("ix_subscription_periods_ends", text("upper(span)")),
        Index("ix_subscription_periods_begins", text("lower(span)")),
        UniqueConstraint("payment_id", name="uq_subscription_periods_payment_id"),
        UniqueConstraint("id", "payment_id", name="uq_subscription_periods_id_payment_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.user_id"))
    plan_code: Mapped[str] = mapped_column(ForeignKey("subscription_plans.code"))
    cause: Mapped[str]
    payment_id: Mapped[UUID | None]
    # Of the payment's shop, set by the trigger `period_is_of_its_shop`; grants and imports are live.
    is_test: Mapped[bool] = mapped_column(server_default=text("false"))
    chain: Mapped[str] = mapped_column(Computed("period_chain(is_test, plan_code)", persisted=True))
    author: Mapped[str | None]
    reason: Mapped[str | None]
    days: Mapped[int]
    cut: Mapped[timedelta] = mapped_column(server_default=text("interval '0'"))
    granted_at: Mapped[datetime]
    span: Mapped[Range[datetime]] = mapped_column(TSTZRANGE)


class AccessChange(Model):
    """A change of who is PRO, as the periods lie now, made of them by triggers (reads.sql) whenever they change.

    `new`, `renewed` or `returned` at the beginning of the period, `lost` at its end; also what is still to come.
    Figures are counted from it; no rule of access reads it.
    """

    __tablename__ = "access_changes"
    __table_args__ = (
        CheckConstraint("change IN ('new', 'renewed', 'returned', 'lost')", name="change_known"),
        Index("ix_access_changes_change_at", "change", "at", postgresql_include=["plan_code"]),
        Index("ix_access_changes_user_id", "user_id"),
    )

    period_id: Mapped[int] = mapped_column(ForeignKey("subscription_periods.id"), primary_key=True)
    change: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    plan_code: Mapped[str]
    at: Mapped[datetime]


class ShopInForce(Model):
    """One row: whether the days of a test shop give access here (`schema.shop`)."""

    __tablename__ = "shop_in_force"
    __table_args__ = (CheckConstraint("singleton", name="singleton"),)

    is_test: Mapped[bool]
    since: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
