"""How users stand, whole: put together from one statement, decided nowhere here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from billing_service.kit.transaction import Row
from billing_service.payment_methods.models import PaymentMethod
from billing_service.plans.models import Plan
from billing_service.renewals.decision import Rules
from billing_service.renewals.next_charge import NextCharge, Subscribed, Terms, WhyNone, next_charge
from billing_service.services import Services
from billing_service.usage.service import Figures, figures_of
from billing_service.user_states import queries


class Status(StrEnum):
    """`active`: PRO now. `grace` and `expired`: PRO is over, and a renewal may still be tried, or not. `free`: it never
    was."""

    FREE = "free"
    ACTIVE = "active"
    GRACE = "grace"
    EXPIRED = "expired"


@dataclass(frozen=True)
class UserState:
    """One user at one instant; `row` holds what is only shown."""

    row: Row
    plan: Plan
    figures: Figures
    method: PaymentMethod | None
    subscribed: Subscribed

    @property
    def status(self) -> Status:
        if self.plan.is_pro:
            return Status.ACTIVE
        if self.subscribed.is_in_grace:
            return Status.GRACE
        ends: datetime | None = self.subscribed.ends
        return Status.EXPIRED if ends is not None and ends <= self.subscribed.now else Status.FREE

    @property
    def next_charge(self) -> NextCharge | WhyNone:
        return next_charge(self.subscribed)


async def list_states(services: Services, user_ids: Sequence[int]) -> Sequence[UserState]:
    """The state of each of these users, in this order, at one instant. Never writes; who is unknown is on FREE."""
    settings = services.settings
    rows = await queries.list_states(
        services.statements,
        user_ids,
        settings.billing_timezone.key,
        shop_id=settings.shop_id,
        is_test=settings.shop_is_test,
    )
    return [_state(row, Rules.of(settings), is_on=settings.billing_recurring_enabled) for row in rows]


def _state(row: Row, rules: Rules, *, is_on: bool) -> UserState:
    return UserState(
        row=row,
        plan=Plan(price=row["plan_price"], is_test=row["plan_is_test"]),
        figures=figures_of(row),
        method=_method(row),
        subscribed=Subscribed(
            rules=rules,
            now=row["as_of"],
            is_on=is_on,
            auto_renew=row["auto_renew"],
            ends=row["pro_until"],
            agreed=_terms(row, "consent_amount", "consent_period_days"),
            on_sale=_terms(row, "sold_price", "sold_days"),
            has_method=row["method_id"] is not None,
        ),
    )


def _terms(row: Row, amount: str, days: str) -> Terms | None:
    return None if row[amount] is None else Terms(row[amount], row[days])


def _method(row: Row) -> PaymentMethod | None:
    if row["method_id"] is None:
        return None
    shown = {name: row[f"method_{name}"] for name in ("type", "title", "card_last4", "card_brand", "expires")}
    return PaymentMethod(**shown)
