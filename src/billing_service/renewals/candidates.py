"""What is known of subscriptions, and what becomes of each: read by whoever acts on it and by whoever shows it."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from billing_service.kit.transaction import Transaction
from billing_service.receipts import service as receipts
from billing_service.renewals import queries
from billing_service.renewals.decision import Outlook, Rules, decide
from billing_service.renewals.queries import Candidate, candidate
from billing_service.services import Services

PAGE = 500


class Looked(NamedTuple):
    """A subscription, and what is decided for it at this instant."""

    known: Candidate
    outlook: Outlook


async def look_at_all(tx: Transaction, services: Services, user_ids: Sequence[int]) -> Sequence[Looked]:
    """In one statement, in the order of the ids; a user without a subscription is left out. Never writes."""
    settings = services.settings
    rows = await queries.list_candidates(
        tx, user_ids, shop_id=settings.shop_id, is_test=settings.shop_is_test
    )
    rules = Rules.of(settings)
    found = []
    for row, told in rows:
        known = candidate(
            row,
            told,
            has_receipt_contact=receipts.needs_nobody(settings, services.vault, told),
            enabled=settings.billing_recurring_enabled,
        )
        found.append(Looked(known, decide(known.facts, rules)))
    return found


async def look_at(tx: Transaction, services: Services, user_id: int) -> Looked | None:
    """None for a user without a subscription."""
    return next(iter(await look_at_all(tx, services, [user_id])), None)


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
