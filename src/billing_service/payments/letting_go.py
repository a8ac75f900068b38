"""Held money of which a person knows that it was let go: nobody asks its shop any more."""

import structlog

from billing_service.kit.transaction import Transaction
from billing_service.observability.metrics import PAYMENTS
from billing_service.payments import queries
from billing_service.payments.declined import LET_GO
from billing_service.payments.models import Payment
from billing_service.payments.states import Report

log = structlog.get_logger()


async def let_go(tx: Transaction, payment: Payment) -> Payment:
    """End a locked payment as canceled by the shop; its payer is told nothing, and its method stays as it is."""
    before = payment.state
    if not payment.move(Report.CANCELED):
        return payment
    payment.cancellation_party, payment.cancellation_reason = "merchant", LET_GO
    saved = (await queries.save(tx, payment)).payment
    tx.once_committed(PAYMENTS.labels(saved.status, saved.purpose).inc)
    log.warning("payment.ended", payment_id=saved.id, user_id=saved.user_id, before=before, after=saved.state)
    return saved
