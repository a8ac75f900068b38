"""Held money: it never happens by our wish (we sell in one stage), so it is taken in full at once, or let go."""

import structlog

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.observability.log_context import about_payment
from billing_service.payments import charge_queries
from billing_service.payments.models import Payment
from billing_service.payments.settlement import settle
from billing_service.payments.states import Status
from billing_service.provider_calls.kinds import Settlement
from billing_service.services import Services
from billing_service.yookassa import schemas as yookassa
from billing_service.yookassa.errors import Rejected

log = structlog.get_logger()


async def capture_held_money(
    services: Services, settlement: Settlement[Payment], seen: yookassa.Payment
) -> Settlement[Payment]:
    """Capture in full what is held although we asked for a one-stage payment, and settle it; else nothing.

    A charge of a saved method that nobody wants any more is let go instead: of a refused card nothing is taken. The key
    makes a repeat the same capture. A refusal alarms and leaves the payment held. Raises the client's other errors;
    then nothing is decided yet.
    """
    payment = settlement.row
    if payment.state is not Status.WAITING_FOR_CAPTURE or settlement.refused_because:
        return settlement
    with about_payment(payment.id, seen.id):
        log.warning("payment.held", payment_id=payment.id)
        try:
            if await _is_unwanted(services, payment):
                ended = await _release(services, payment, seen)
            else:
                ended = await services.yookassa.capture_payment(
                    seen.id, idempotence_key=f"capture-{payment.id}"
                )
        except Rejected as error:
            await _alarm(services, payment, error)
            return settlement
        return await services.statements.turns.take_or_queue(
            lambda tx: settle(tx, services.settings, payment.id, ended)
        )


async def _is_unwanted(services: Services, payment: Payment) -> bool:
    if payment.payment_method_id is None:
        return False
    async with services.statements.transaction() as tx:
        return await charge_queries.why_unwanted(tx, payment.id) is not None


async def _release(services: Services, payment: Payment, seen: yookassa.Payment) -> yookassa.Payment:
    log.warning("payment.released", payment_id=payment.id)
    return await services.yookassa.cancel_payment(seen.id, idempotence_key=f"cancel-{payment.id}")


async def _alarm(services: Services, payment: Payment, error: Rejected) -> None:
    async with services.statements.transaction() as tx:
        await alarms.raise_once(
            tx,
            Alarm.HELD_PAYMENT,
            payment.id,
            payment_id=payment.id,
            yookassa_payment_id=payment.yookassa_payment_id,
            code=error.code,
            error_id=error.error_id,
        )
