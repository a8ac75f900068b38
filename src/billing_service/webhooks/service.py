"""What an operator may do about a notification: have it looked at again, or close it. Each deed is audited."""

from collections.abc import Collection, Sequence

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.kit.transaction import Transaction
from billing_service.services import Services
from billing_service.webhooks import queries
from billing_service.webhooks.jobs import enqueue_look
from billing_service.webhooks.queries import GivenUp, Locked
from billing_service.webhooks.states import LEFT_BEHIND, UNSETTLED


class NotThere(Exception):
    """There is no notification with this id."""


class NothingToClose(Exception):
    """It has led to something already, or was closed before; the message is its status."""


async def replay(services: Services, log_id: int, deed: Deed) -> None:
    """Let some worker look at the provider once more, whatever came of it before. Raises `NotThere`.

    Safe to repeat: while a look waits there is no second one, and looking settles once.
    """
    async with services.statements.transaction() as tx:
        row = await _lock(tx, log_id)
        if row.status in LEFT_BEHIND:
            await queries.reopen_log(tx, log_id)
        await enqueue_look(tx, log_id, jobs_ended=row.jobs_ended)
        await _record(tx, "webhook.replayed", log_id, row, deed)


async def close(services: Services, log_id: int, deed: Deed) -> None:
    """Nobody looks at it any more; only a later copy or a replay opens it again. No payment is changed.

    Raises `NotThere`, or `NothingToClose` for one that is not waiting.
    """
    async with services.statements.transaction() as tx:
        row = await _lock(tx, log_id)
        if row.status not in UNSETTLED:
            raise NothingToClose(row.status)
        await queries.close_by_hand(tx, log_id)
        await _record(tx, "webhook.closed", log_id, row, deed)


async def close_about(tx: Transaction, object_ids: Collection[str], deed: Deed) -> int:
    """The same for what was told of these objects in vain, as part of a decision about them; answers how many."""
    waiting = await queries.lock_waiting(tx, object_ids)
    for log_id, row in waiting.items():
        await queries.close_by_hand(tx, log_id)
        await _record(tx, "webhook.closed", log_id, row, deed)
    return len(waiting)


async def list_given_up(tx: Transaction) -> Sequence[GivenUp]:
    """Those that nobody looks at any more and nobody has closed."""
    return await queries.list_given_up(tx)


async def _lock(tx: Transaction, log_id: int) -> Locked:
    row = await queries.lock_log(tx, log_id)
    if row is None:
        raise NotThere
    return row


async def _record(tx: Transaction, action: str, log_id: int, before: Locked, deed: Deed) -> None:
    await audit.record(
        tx,
        action,
        deed,
        details={
            "log_id": log_id,
            "yookassa_payment_id": before.yookassa_payment_id,
            "status_before": before.status,
        },
    )
