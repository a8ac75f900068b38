"""Held money: it never happens by our wish (we sell in one stage), so it is taken in full at once."""

from uuid import UUID

import structlog

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.observability.log_context import about_payment
from billing_service.payments.settlement import settle
from billing_service.web.dependencies import Services
from billing_service.yookassa.errors import Rejected

log = structlog.get_logger()


async def capture_held_money(services: Services, payment_id: UUID, yookassa_payment_id: str) -> bool:
    """Capture in full and settle. The key makes a repeat the same capture.

    False, with an alarm, if the provider refuses. Raises the client's other errors; then nothing is decided yet.
    """
    with about_payment(payment_id, yookassa_payment_id):
        return await _capture(services, payment_id, yookassa_payment_id)


async def _capture(services: Services, payment_id: UUID, yookassa_payment_id: str) -> bool:
    log.warning("payment.held", payment_id=payment_id)
    key = f"capture-{payment_id}"
    try:
        seen = await services.yookassa.capture_payment(yookassa_payment_id, idempotence_key=key)
    except Rejected as error:
        async with services.db.begin() as session:
            await alarms.raise_once(
                session,
                Alarm.HELD_PAYMENT,
                payment_id,
                payment_id=payment_id,
                yookassa_payment_id=yookassa_payment_id,
                code=error.code,
                error_id=error.error_id,
            )
        return False
    async with services.db.begin() as session:
        await settle(session, payment_id, seen)
    return True
