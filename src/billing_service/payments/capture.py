"""Held money: it never happens by our wish (we sell in one stage), so it is taken in full at once."""

import structlog

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.observability.log_context import about_payment
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

    The key makes a repeat the same capture. A refusal alarms and leaves the payment held. Raises the client's other
    errors; then nothing is decided yet.
    """
    payment = settlement.row
    if payment.state is not Status.WAITING_FOR_CAPTURE or settlement.refused_because:
        return settlement
    with about_payment(payment.id, seen.id):
        log.warning("payment.held", payment_id=payment.id)
        try:
            captured = await services.yookassa.capture_payment(
                seen.id, idempotence_key=f"capture-{payment.id}"
            )
        except Rejected as error:
            await _alarm(services, payment, error)
            return settlement
        return await services.statements.turns.take_or_queue(
            lambda tx: settle(tx, services.settings, payment.id, captured)
        )


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
