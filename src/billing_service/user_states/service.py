"""How users stand, whole: put together from one statement, decided nowhere here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from billing_service.kit.transaction import Row
from billing_service.outlooks import service as outlooks
from billing_service.outlooks.decision import Facts, Outlook, Rules, is_in_grace
from billing_service.payment_methods.models import PaymentMethod
from billing_service.plans.models import Plan
from billing_service.services import Services
from billing_service.usage.today import Figures, figures_of
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
    """One user at one instant; `row` holds what is only shown, `outlook` is what becomes of his subscription."""

    row: Row
    plan: Plan
    figures: Figures
    method: PaymentMethod | None
    facts: Facts
    outlook: Outlook
    rules: Rules

    @property
    def now(self) -> datetime:
        return self.facts.now

    @property
    def ends(self) -> datetime | None:
        """The end of PRO, be it over."""
        return self.facts.last and self.facts.last.ends

    @property
    def status(self) -> Status:
        if self.plan.is_pro:
            return Status.ACTIVE
        if is_in_grace(self.facts, self.rules):
            return Status.GRACE
        return Status.EXPIRED if self.ends is not None and self.ends <= self.now else Status.FREE


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
    return [_state(services, row) for row in rows]


def _state(services: Services, row: Row) -> UserState:
    known, outlook = outlooks.looked(services, row)
    return UserState(
        row=row,
        plan=Plan(price=row["plan_price"], is_test=row["plan_is_test"]),
        figures=figures_of(row),
        method=_method(row),
        facts=known.facts,
        outlook=outlook,
        rules=Rules.of(services.settings),
    )


def _method(row: Row) -> PaymentMethod | None:
    if row["method_id"] is None:
        return None
    shown = {name: row[name] for name in ("title", "card_last4", "card_brand", "expires")}
    return PaymentMethod(type=row["method_type"], **shown)
