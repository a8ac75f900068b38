"""Refuse the card, end auto-renewal, and then forget who it was."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.erasure import queries
from billing_service.kit.payer import UNKNOWN_PAYER
from billing_service.kit.transaction import Transaction
from billing_service.payment_methods import service as payment_methods
from billing_service.payment_methods.queries import Charge
from billing_service.receipts import service as receipts
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.user_moves import service as user_moves

log = structlog.get_logger()


@dataclass(frozen=True)
class Erased:
    """`rows`: how many of each table said something of him. `in_flight`: a charge that had left before, and is settled
    as ever."""

    at: datetime
    rows: Mapping[str, int]
    in_flight: Charge | None


async def preview(services: Services, user_id: int) -> Mapping[str, int]:
    """How many rows of each table `erase` would empty now, by its own statements, of which nothing stays; the contact
    for receipts is counted as a table."""
    zone = services.settings.billing_timezone.key
    contact = await receipts.get_contact(services, user_id)

    async def act(tx: Transaction) -> Mapping[str, int]:
        return await _erase(tx, user_id, zone)

    rows = await services.statements.turns.look(user_id, act)
    return {queries.ERASED_BY_RECEIPTS: int(contact is not None), **rows}


async def erase(services: Services, user_id: int, deed: Deed) -> Erased:
    """Nothing is charged any more, and nothing here says who he is; money, days and refusals stay under his number.

    What is open at YooKassa ends as ever, but for a receipt's address, without which a request in doubt is not sent
    again (`receipts.service.erase_contact`). Access that was paid for stays. Safe to repeat, and to be stopped in the
    middle: what was refused first stays refused, and the next one erases the rest. Of one who has become another number
    everything is erased under that one, also what was said of him under the old (`UserMoved`).
    """
    refused = await payment_methods.refuse(services, user_id=user_id, caller=deed.caller, payer=UNKNOWN_PAYER)
    async with services.statements.transaction() as tx:
        known_as = await user_moves.list_known_as(tx, user_id)
    for number in known_as:
        await services.statements.turns.take(number, partial(receipts.erase_contact_under, user_id=number))
    zone = services.settings.billing_timezone.key

    async def act(tx: Transaction) -> Erased:
        rows = await _erase(tx, user_id, zone)
        spoke = {table: count for table, count in rows.items() if count}
        await audit.record(tx, queries.ACTION, deed, user_id=user_id, details={"rows": spoke})
        return Erased(await tx.value("SELECT billing_now()"), rows, refused.in_flight)

    erased = await services.statements.turns.take(user_id, act)
    log.info("user.erased", user_id=user_id, rows=erased.rows)
    return erased


async def _erase(tx: Transaction, user_id: int, zone: str) -> Mapping[str, int]:
    """Under the user's lock, under every number that he had."""
    await subscriptions.lock(tx, user_id)
    rows: Counter[str] = Counter()
    for number in await user_moves.list_known_as(tx, user_id):
        rows.update(await queries.erase(tx, number, zone))
    return rows
