"""Everybody whose subscription renews itself or could, and what will become of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from billing_service.outlooks.decision import Rules
from billing_service.outlooks.service import Looked, look_at_all
from billing_service.renewals import queries
from billing_service.services import Services

PAGE = 500
# How far ahead charges are counted that a change of a plan would cost, and how many subscriptions are looked at for it.
AHEAD, MOST = timedelta(days=31), 5000


class Lost(NamedTuple):
    """Charges that would not come, their sum in roubles, and whether they are all."""

    charges: int
    amount: Decimal
    are_all: bool


async def preview(services: Services, within: timedelta) -> AsyncIterator[Looked]:
    """Everybody who renews or could, and whose access ends within this time or is in its grace, by the ids of users.

    A page at a time, so that it holds no long transaction; it changes nothing.
    """
    after, rules = 0, Rules.of(services.settings)
    while True:
        async with services.statements.transaction() as tx:
            page = await queries.list_ending(
                tx,
                after=after,
                ended_within=rules.grace,
                ends_within=within + rules.window,
                limit=PAGE,
            )
            looked = await look_at_all(tx, services, page)
        for one in looked:
            if one.outlook.charge_at is None or one.outlook.charge_at <= one.known.facts.now + within:
                yield one
        if len(page) < PAGE:
            return
        after = page[-1]


async def count_lost(services: Services, plan_code: str, *, below: Decimal | None = None) -> Lost:
    """The charges of a plan within a month that would not come: of those who agreed to less than `below`, or, where
    nothing is said, of everybody. Never writes."""
    amounts, looked = list[Decimal](), 0
    async for one in preview(services, AHEAD):
        looked += 1
        if looked > MOST:
            break
        plan, agreed = one.outlook.planned, one.known.facts.agreed
        is_lost = below is None or (agreed is not None and agreed.terms.amount < below)
        if plan is not None and plan.basis.terms.plan_code == plan_code and is_lost:
            amounts.append(plan.basis.terms.amount)
    return Lost(len(amounts), sum(amounts, Decimal()), looked <= MOST)
