"""A shop that may keep no cards sells all the same: the same purchase goes on without saving."""

from uuid import uuid4

import structlog

from billing_service.config import Settings
from billing_service.kit.crypto import Vault
from billing_service.kit.transaction import Transaction
from billing_service.payment_methods import keeping
from billing_service.payments import queries, settlement
from billing_service.payments.declined import conclude_refusal
from billing_service.payments.models import Payment
from billing_service.payments.settlement import OUR_MARK, SHARED
from billing_service.provider_calls.kinds import Settlement
from billing_service.receipts import shop
from billing_service.yookassa.errors import Forbidden, Rejected
from billing_service.yookassa.request_bodies import without_saving

log = structlog.get_logger()


async def refuse(
    tx: Transaction, settings: Settings, payment: Payment, error: Rejected | None
) -> Settlement[Payment]:
    """End a locked payment that the provider refused to create or, without an error, never had.

    One that was refused with 403 because it asked for saving gives its place, its request and its client key to a new
    one without, and its shop asks for no saving for a while. The machinery calls this only if no earlier request of
    this payment may have left. What is refused because it came without a receipt tells us that the shop demands them.
    """
    if error is not None and error.parameter == "receipt" and payment.receipt_registration is None:
        await shop.note_refusal(tx, settings)
    if not (isinstance(error, Forbidden) and payment.save_payment_method and payment.request_body):
        ended = await settlement.refuse(tx, payment, error)
        if ended.changed and ended.row.payment_method_id:
            await conclude_refusal(tx, settings, ended.row)
        return ended
    await keeping.mark_shop_unable(tx, shop_id=payment.shop_id, is_test=payment.is_test)
    successor = _without_saving(Vault(settings.billing_encryption_keys), payment)
    refused = await settlement.refuse(tx, payment, error)
    await queries.give_place(tx, refused.row, successor)
    log.warning("payment.replaced", payment_id=successor.id, instead_of=payment.id)
    return Settlement(refused.row, refused.changed, instead=successor.id)


def _without_saving(vault: Vault, payment: Payment) -> Payment:
    assert payment.request_body is not None  # noqa: S101 (asked by the caller)
    successor = Payment(
        **{name: getattr(payment, name) for name in SHARED},
        id=uuid4(),
        idempotency_key=payment.idempotency_key,
        not_saved_because="RECURRING_NOT_AVAILABLE",
    )
    successor.save_payment_method, successor.consent_id = False, None
    body = without_saving(vault.open(payment.request_body), metadata={OUR_MARK: str(successor.id)})
    successor.request_body = vault.seal(body)
    return successor
