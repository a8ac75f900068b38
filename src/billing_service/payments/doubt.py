"""A creation in doubt: no request for the payment has brought an answer, so YooKassa may have it or not."""

from datetime import datetime

import structlog

from billing_service.payments.models import Payment

log = structlog.get_logger()


def is_left_in_doubt(payment: Payment, now: datetime) -> bool:
    """Whether a request ended without an answer. While the first one is still on its way, nobody doubts yet."""
    if not payment.outcome_unknown:
        return False
    on_its_way = payment.send_lease_until is not None and payment.send_lease_until >= now
    return not (on_its_way and payment.first_sent_at == payment.last_sent_at)


def tell_doubt_ended(payment: Payment, now: datetime) -> None:
    """One line when it is known whether YooKassa has the payment: `exists` says so."""
    log.info(
        "payment.doubt_ended",
        payment_id=payment.id,
        yookassa_payment_id=payment.yookassa_payment_id,
        exists=payment.yookassa_payment_id is not None,
        status=payment.status,
        lasted_seconds=round((now - (payment.first_sent_at or now)).total_seconds()),
    )
