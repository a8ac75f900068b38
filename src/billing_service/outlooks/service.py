"""What becomes of subscriptions as things stand: asked by whoever acts on it and by whoever shows it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from billing_service.kit.transaction import Row, Transaction
from billing_service.outlooks import queries
from billing_service.outlooks.decision import Outlook, Rules, decide, decide_after
from billing_service.outlooks.queries import Candidate, candidate
from billing_service.receipts import queries as receipt_queries
from billing_service.receipts import service as receipts
from billing_service.services import Services


class Looked(NamedTuple):
    """A subscription, and what is decided for it at this instant."""

    known: Candidate
    outlook: Outlook


async def look_at_all(tx: Transaction, services: Services, user_ids: Sequence[int]) -> Sequence[Looked]:
    """In one statement, one for each id, in their order, also for who was never seen. Never writes."""
    settings = services.settings
    rows = await queries.list_rows(tx, user_ids, shop_id=settings.shop_id, is_test=settings.shop_is_test)
    return [looked(services, row) for row in rows]


async def look_at(tx: Transaction, services: Services, user_id: int) -> Looked:
    (one,) = await look_at_all(tx, services, [user_id])
    return one


async def look_after(tx: Transaction, services: Services, user_id: int, *, ends: datetime) -> Outlook:
    """What will be decided as things stand now, once the user has PRO to `ends`. Never writes."""
    known, _ = await look_at(tx, services, user_id)
    return decide_after(known.facts, Rules.of(services.settings), ends)


def looked(services: Services, row: Row) -> Looked:
    """From a row of any statement that asks what `queries.FACTS` does."""
    told, settings = receipt_queries.known(row), services.settings
    known = candidate(
        row,
        told,
        has_receipt_contact=receipts.needs_nobody(settings, services.vault, told),
        enabled=settings.billing_recurring_enabled,
    )
    return Looked(known, decide(known.facts, Rules.of(settings)))
