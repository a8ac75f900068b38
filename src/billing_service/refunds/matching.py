"""Which refund of ours an object of the provider's is; what nobody here has made gets a row of its own."""

from uuid import UUID, uuid4

import structlog

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.kit.transaction import Transaction
from billing_service.refunds import queries
from billing_service.yookassa import schemas as yookassa

log = structlog.get_logger()

OUR_MARK = "billing_refund_id"
MADE_ELSEWHERE = "Возврат сделан в личном кабинете ЮKassa"


async def row_for(tx: Transaction, seen: yookassa.Refund, payment_id: UUID) -> UUID:
    """Our refund for a provider's object of this payment, whose lock the caller holds; made, if it was not by us.

    What the provider reports can always be recorded: an object that bears our mark but fits no row of ours gets a row
    of its own as well, with an alarm.
    """
    if holder := await queries.get_holder(tx, seen.id):
        return holder
    if named := await _named(tx, seen, payment_id):
        return named
    paid = await queries.get_paid(tx, payment_id)
    log.info("refund.found", payment_id=payment_id, yookassa_refund_id=seen.id)
    return await queries.insert_seen_once(
        tx,
        refund_id=uuid4(),
        paid=paid,
        amount=seen.amount.value,
        currency=seen.amount.currency,
        reason=MADE_ELSEWHERE,
        yookassa_refund_id=seen.id,
        created_at=seen.created_at,
    )


async def _named(tx: Transaction, seen: yookassa.Refund, payment_id: UUID) -> UUID | None:
    marked = seen.metadata.get(OUR_MARK)
    if marked is None:
        return None
    try:
        refund = await queries.get_refund(tx, UUID(marked))
    except ValueError:
        refund = None
    if refund is not None and refund.payment_id == payment_id and refund.yookassa_refund_id is None:
        return refund.id
    kind = Alarm.SECOND_PROVIDER_OBJECT if refund else Alarm.UNMATCHED_OBJECT
    ids = {"payment_id": payment_id, "yookassa_refund_id": seen.id}
    await alarms.raise_once(tx, kind, seen.id, amount=f"{seen.amount.value} {seen.amount.currency}", **ids)
    return None
