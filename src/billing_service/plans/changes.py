"""Change what is sold, and add to it: under the plan's lock, and written down with what it was before."""

from collections.abc import Mapping, Sequence

import asyncpg
import structlog

from billing_service.audit import service as audit
from billing_service.audit.service import Deed, Entry
from billing_service.kit.errors import BillingError
from billing_service.kit.transaction import Transaction
from billing_service.plans import queries
from billing_service.plans.models import Plan
from billing_service.services import Services
from billing_service.web.errors.operators import PlanExists, PlanNotFound, PlanTermsFrozen
from billing_service.web.errors.requests import PayloadInvalid

log = structlog.get_logger()

ADDED, CHANGED = "plan.added", "plan.changed"
# What the database holds, whoever writes, and how it is told to whoever asked for it.
HELD: Mapping[str, BillingError] = {
    "ck_subscription_plans_terms_frozen": PlanTermsFrozen({"frozen": ["duration_days"]}),
    "ck_subscription_plans_free_stays_free": PlanTermsFrozen(
        {"frozen": ["price", "old_price", "duration_days", "is_active"]}
    ),
    "ck_subscription_plans_old_price_above_price": PayloadInvalid(
        {"fields": {"old_price": "Input should be greater than the price"}}
    ),
}


async def list_all(services: Services) -> Sequence[Plan]:
    """Every plan, those that are not on sale too."""
    async with services.statements.transaction() as tx:
        return await queries.list_plans(tx)


async def get(services: Services, code: str) -> Plan:
    """Raises `PlanNotFound`."""
    async with services.statements.transaction() as tx:
        return _there(await queries.get_plan(tx, code))


async def add(services: Services, code: str, terms: Mapping[str, object], deed: Deed) -> Plan:
    """Sell something new. A repeat on the same terms answers the same plan, as often as it is asked for.

    Raises `PlanExists` if the code stands for other terms, `PayloadInvalid` for an old price that is none.
    """
    try:
        async with services.statements.transaction() as tx:
            is_new = await queries.insert_plan(tx, code, terms)
            plan = _there(await queries.get_plan(tx, code))
            if is_new:
                await _write_down(tx, ADDED, code, deed, after=terms)
    except asyncpg.CheckViolationError as error:
        raise _told(error, error.constraint_name) from None
    if terms_of(plan) != terms or plan.is_test:
        raise PlanExists
    return plan


async def change(services: Services, code: str, wish: Mapping[str, object], deed: Deed) -> Plan:
    """Change what `wish` names and nothing else, so that two people at once lose nothing of each other's.

    What was sold keeps its terms: price and days are frozen on every payment. Safe to repeat: what is so already is no
    change. Raises `PlanNotFound`, `PlanTermsFrozen`, `PayloadInvalid` for an old price that is none.
    """
    try:
        async with services.statements.transaction() as tx:
            terms = terms_of(_there(await queries.lock_plan(tx, code)))
            news = {name: value for name, value in wish.items() if terms[name] != value}
            if news:
                await queries.update_plan(tx, code, terms | news)
                before = {name: terms[name] for name in news}
                await _write_down(tx, CHANGED, code, deed, before=before, after=news)
            return _there(await queries.get_plan(tx, code))
    except asyncpg.CheckViolationError as error:
        raise _told(error, error.constraint_name) from None


async def history(services: Services, code: str) -> Sequence[Entry]:
    """Every change since plans are changed by the service, the newest first. Raises `PlanNotFound`."""
    async with services.statements.transaction() as tx:
        _there(await queries.get_plan(tx, code))
        return await audit.list_of(tx, (ADDED, CHANGED), {"plan_code": code})


def terms_of(plan: Plan) -> dict[str, object]:
    """All that a person says of a plan, besides its code."""
    return {name: getattr(plan, name) for name in queries.TERMS}


def _there(plan: Plan | None) -> Plan:
    if plan is None:
        raise PlanNotFound
    return plan


def _told(error: Exception, constraint: str | None) -> Exception:
    return HELD.get(constraint or "", error)


async def _write_down(tx: Transaction, action: str, code: str, deed: Deed, **terms: object) -> None:
    await audit.record(
        tx,
        action,
        deed,
        details={"plan_code": code} | terms,
    )
    tx.once_committed(
        lambda: log.warning("plan.written_down", action=action, plan_code=code, author=deed.author, **terms)
    )
