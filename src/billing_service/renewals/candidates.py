"""Everybody whose subscription renews itself or could, and what will become of it."""

from collections.abc import AsyncIterator
from datetime import timedelta

from billing_service.outlooks.decision import Rules
from billing_service.outlooks.service import Looked, look_at_all
from billing_service.renewals import queries
from billing_service.services import Services

PAGE = 500


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
