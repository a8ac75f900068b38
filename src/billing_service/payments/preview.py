"""What a purchase would give, said before it is made, by the code that grants it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from billing_service.kit.transaction import Transaction
from billing_service.outlooks import service as outlooks
from billing_service.outlooks.decision import Outlook
from billing_service.payments.orders import CURRENCY
from billing_service.plans import service as plans
from billing_service.plans.models import Plan
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.subscriptions.laying import Place
from billing_service.web.errors.payments import InvalidPlan, MissingPlanCode, PreviewStale

FREE = "FREE"


@dataclass(frozen=True)
class Running:
    """The plan that the user has when he buys, to `until`. `goes_on`: to its end, and what is bought comes after it."""

    plan: Plan
    until: datetime
    goes_on: bool


@dataclass(frozen=True)
class Preview:
    """A purchase of `plan` as it would be if it were paid now.

    `running`: what the user has already, None on FREE. `place.is_at_once`: it begins when it is paid, whenever that is.
    `outlook`: whether it then renews itself, on what the user has agreed to by now.
    """

    user_id: int
    plan: Plan
    place: Place
    running: Running | None
    outlook: Outlook

    @property
    def plan_once_paid(self) -> str:
        """What is in force at the instant it is paid."""
        return self.running.plan.code if self.running and self.running.goes_on else self.plan.code

    @property
    def plan_after(self) -> str:
        """What is in force once it is over: nothing is ever granted behind it before it is paid."""
        return FREE

    @property
    def preview_id(self) -> str:
        """The same as long as everything that is shown is; of what begins at once, its length is shown."""
        running = self.running and (self.running.plan.code, self.running.until, self.running.goes_on)
        begins = None if self.place.is_at_once else self.place.start
        terms = (self.plan.code, self.plan.price, CURRENCY, self.plan.duration_days)
        planned = self.outlook.planned
        charged = (planned and planned.basis.terms, self.outlook.because)
        shown = json.dumps([self.user_id, terms, begins, running, charged], default=str)
        return hashlib.sha256(shown.encode()).hexdigest()[:32]


async def preview(services: Services, user_id: int, plan_code: str | None) -> Preview:
    """What buying this plan would give now. Writes nothing. Raises `MissingPlanCode` or `InvalidPlan`."""
    if not plan_code:
        raise MissingPlanCode
    async with services.statements.transaction() as tx:
        plan = await plans.get_for_sale(tx, plan_code)
        if plan is None:
            raise InvalidPlan
        return await _look(tx, services, user_id, plan)


async def hold_to(tx: Transaction, services: Services, user_id: int, plan: Plan, preview_id: str) -> None:
    """Raises `PreviewStale` unless the purchase would be as it was shown. The caller holds the user's lock."""
    if (await _look(tx, services, user_id, plan)).preview_id != preview_id:
        raise PreviewStale


async def _look(tx: Transaction, services: Services, user_id: int, plan: Plan) -> Preview:
    place = await subscriptions.place_of_next(
        tx,
        user_id=user_id,
        plan_code=plan.code,
        days=plan.duration_days,
        is_test=services.settings.shop_is_test,
    )
    running = await _running(tx, user_id, place)
    outlook = await outlooks.look_after(tx, services, user_id, ends=place.end)
    return Preview(user_id, plan, place, running, outlook)


async def _running(tx: Transaction, user_id: int, place: Place) -> Running | None:
    code = await subscriptions.get_plan_in_force(tx, user_id)
    until = await subscriptions.get_access_end(tx, user_id)
    plan = None if code == FREE else await plans.get_any(tx, code)
    return None if plan is None or until is None else Running(plan, until, not place.is_at_once)
