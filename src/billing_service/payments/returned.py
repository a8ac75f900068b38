"""A refund whose payment is not settled here: the payment is asked about first, whatever we thought of it."""

import structlog

from billing_service.payments.calls import PAYMENTS
from billing_service.payments.service import alarm_unmatched, match
from billing_service.provider_calls.kinds import UnmatchedObject, settle
from billing_service.refunds.calls import REFUNDS
from billing_service.services import Services
from billing_service.yookassa import schemas as yookassa

log = structlog.get_logger()


async def look_at_refund(services: Services, yookassa_refund_id: str) -> None:
    """Settle a refund and, before it, its payment. Safe to repeat at any time.

    Raises the client's errors while the provider cannot say, and `UnmatchedObject` when the payment bears our mark but
    is none of ours: the job is tried again for a day, and given up with an alarm.
    """
    seen = await services.yookassa.get_refund(yookassa_refund_id)
    with structlog.contextvars.bound_contextvars(
        yookassa_refund_id=seen.id, yookassa_payment_id=seen.payment_id
    ):
        if await settle_payment_of(services, seen):
            async with services.statements.transaction() as tx:
                refund_id = await REFUNDS.find(tx, seen, None)
            assert refund_id is not None  # noqa: S101 (its payment is ours)
            await settle(services, REFUNDS, refund_id, seen)


async def tell_of_unmatched(services: Services, seen: yookassa.Payment) -> bool:
    """Nothing more can be asked about a payment that bears our mark and is none of ours. Raises `UnmatchedObject`."""
    async with services.statements.transaction() as tx:
        await alarm_unmatched(tx, seen)
    raise UnmatchedObject(seen.id)


async def settle_payment_of(services: Services, seen: yookassa.Refund) -> bool:
    """Ask about the payment of a refund and settle what we learn; False if it belongs to another system in the shop.

    What is learned brings along everything that went back. Raises the client's errors, and `UnmatchedObject`, alarmed.
    """
    payment = await services.yookassa.get_payment(seen.payment_id)
    try:
        async with services.statements.transaction() as tx:
            payment_id = await match(tx, payment)
    except UnmatchedObject:
        return await tell_of_unmatched(services, payment)
    if payment_id is None:
        log.info("refund.left_alone", yookassa_refund_id=seen.id)
        return False
    await settle(services, PAYMENTS, payment_id, payment)
    return True
