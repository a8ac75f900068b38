"""Follow each receipt until it is registered, and tell once of one that is not; of payments and refunds alike."""

from datetime import timedelta
from uuid import UUID

import structlog

from billing_service.alarms import service as alarms
from billing_service.events import service as events
from billing_service.kit.alarms import Alarm
from billing_service.kit.jobs import enqueue_all
from billing_service.kit.transaction import Transaction
from billing_service.provider_calls.kinds import Kind, Row, Seen, record
from billing_service.provider_calls.ladder import wait_before_next
from billing_service.provider_calls.sending import alarm_if_our_key_is_refused
from billing_service.receipts import queries
from billing_service.receipts.queries import Unregistered
from billing_service.services import Services
from billing_service.yookassa.errors import YookassaError

log = structlog.get_logger()

AT_ONCE = 100
# YooKassa says to write to its support after three days; by then somebody should know.
LATE_AFTER = timedelta(days=1)


def job_of(kind: Kind[Row, Seen]) -> str:
    """The name of the job that asks about one receipt."""
    return f"{kind.name}.receipt"


async def enqueue_due(services: Services, kind: Kind[Row, Seen]) -> int:
    """Enqueue a question about every receipt whose time has come, and set the time of the next one, on the ladder of
    open payments: there is no notification of receipts. Safe to run anywhere, any number of times at once."""
    settings = services.settings
    job = job_of(kind)
    async with services.statements.transaction() as tx:
        due = await queries.list_due(
            tx, kind.table, settings.shop_id, is_test=settings.shop_is_test, limit=AT_ONCE
        )
        ids = [one.id for one in due]
        await queries.postpone(tx, kind.table, ids, [wait_before_next(one.age) for one in due])
        await enqueue_all(tx, job, {f"{job}:{one}": str(one).encode() for one in ids})
    return len(due)


async def ask(services: Services, kind: Kind[Row, Seen], row_id: UUID) -> None:
    """Learn whether the receipt of this payment or refund is registered; tell of one that is late or canceled.

    Safe to repeat at any time. While the provider cannot say, only what is known counts.
    """
    if (known := await _unregistered(services, kind, row_id)) is None:
        return
    with kind.about(row_id, known.provider_id):
        if known.registration == "pending" and known.provider_id is not None:
            await _ask_provider(services, kind, known.id, known.provider_id)
        async with services.statements.transaction() as tx:
            if still := await _get_unregistered(tx, services, kind, row_id):
                await _tell_if_late(tx, kind, still)


async def _ask_provider(services: Services, kind: Kind[Row, Seen], row_id: UUID, provider_id: str) -> None:
    try:
        await record(services, kind, row_id, await kind.get(services, provider_id))
    except YookassaError as error:
        alarm_if_our_key_is_refused(kind, row_id, error)
        log.warning(kind.event("receipt_unanswered"), outcome=error.outcome)


async def _tell_if_late(tx: Transaction, kind: Kind[Row, Seen], still: Unregistered) -> None:
    if still.registration == "pending" and still.since < LATE_AFTER:
        return
    ids = {f"{kind.name}_id": still.id, kind.provider_id: still.provider_id}
    await alarms.raise_first(
        tx,
        Alarm.RECEIPT_NOT_REGISTERED,
        still.id,
        registration=still.registration,
        amount=still.amount,
        **ids,
    )
    await events.record(
        tx,
        "receipt.not_registered",
        still.user_id,
        {
            "payment_id": still.payment_id,
            "refund_id": None if still.id == still.payment_id else still.id,
            "registration": still.registration,
            "amount": still.amount.split()[0],
            "currency": still.amount.split()[1],
        },
        once=f"receipt_not_registered:{still.id}",
    )
    if still.registration != "pending":
        await queries.stop_following(tx, kind.table, still.id)


async def _unregistered(services: Services, kind: Kind[Row, Seen], row_id: UUID) -> Unregistered | None:
    async with services.statements.transaction() as tx:
        return await _get_unregistered(tx, services, kind, row_id)


async def _get_unregistered(
    tx: Transaction, services: Services, kind: Kind[Row, Seen], row_id: UUID
) -> Unregistered | None:
    settings = services.settings
    return await queries.get_unregistered(
        tx, kind.table, kind.provider_id, row_id, settings.shop_id, is_test=settings.shop_is_test
    )
