"""Send money back: one refund for one key, whatever the operator, the network or the provider repeat."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.kit.money import to_wire
from billing_service.kit.transaction import Transaction
from billing_service.provider_calls.sending import LEASE, Claim
from billing_service.provider_calls.waiting import sent_in_time
from billing_service.refunds import queries
from billing_service.refunds.calls import REFUNDS
from billing_service.refunds.models import Refund
from billing_service.refunds.orders import Order, contact_to_keep, get_known, lock_paid, make_refund
from billing_service.refunds.settlement import NEVER_CREATED
from billing_service.refunds.states import Status
from billing_service.services import Services
from billing_service.web.errors.payments import PaymentNotFound
from billing_service.web.errors.refunds import RefundNotFound, RefundRejected, RefundUnanswered

log = structlog.get_logger()

ACTION = "refund.started"
SHOWN = frozenset({Status.PENDING, Status.SUCCEEDED})


async def start(services: Services, order: Order) -> Refund:
    """The refund that the order means, sent to the provider, with its state of now.

    The same `Idempotency-Key` gives the same refund. What is open and what has gone back never exceed together what was
    paid. Raises `PaymentNotFound`, `NotRefundable`, `RefundTooLarge`, `AccessExceedsRefund`, `IdempotencyKeyReused`,
    `ReceiptContactRequired` (before any call),
    `RefundRejected` (the refund is FAILED) or, after 8 s at most, `RefundUnanswered`: then the sending goes on,
    and asking again continues the same refund.
    """
    refund, claim = await services.statements.turns.take_or_queue(
        lambda tx: _refund_meant(tx, services, order)
    )
    if refund.yookassa_refund_id is None and refund.state is Status.PENDING:
        if not refund.is_of_shop(services.settings):
            raise _unavailable(refund)
        refund = await sent_in_time(services, REFUNDS, refund.id, claim, _unavailable(refund))
    if refund.state is Status.FAILED:
        raise RefundRejected(_rejection(refund))
    return refund


async def _refund_meant(
    tx: Transaction, services: Services, order: Order
) -> tuple[Refund, Claim[Refund] | None]:
    """Found by its key, or inserted, and then claimed by us; the deed and its entry in the audit log are one."""
    paid = await lock_paid(tx, order)
    met = await queries.get_situation(tx, paid.id, caller=order.caller, key=order.idempotency_key)
    if known := await get_known(tx, order, met):
        return known, None
    refund = await make_refund(tx, services, order, paid, met)
    made = await queries.insert_claimed(
        tx, refund, lease=LEASE, user_id=paid.user_id, contact=contact_to_keep(services, order, refund)
    )
    await audit.record(
        tx,
        ACTION,
        Deed(order.caller, order.author, order.reason, order.request_id),
        user_id=paid.user_id,
        details={
            "refund_id": str(made.id),
            "payment_id": str(paid.id),
            "amount": to_wire(made.amount),
            "access": made.access,
        },
    )
    log.info("refund.started", refund_id=made.id, payment_id=paid.id, user_id=paid.user_id)
    return made, Claim.of_new(made)


def _rejection(refund: Refund) -> Mapping[str, object]:
    return {
        "refund_id": str(refund.id),
        "reason": None if refund.provider_error_code == NEVER_CREATED else refund.refusal,
    }


def _unavailable(refund: Refund) -> RefundUnanswered:
    return RefundUnanswered({"refund_id": str(refund.id)})


async def get(services: Services, refund_id: UUID) -> Refund:
    """Raises `RefundNotFound`."""
    async with services.statements.transaction() as tx:
        refund = await queries.get_refund(tx, refund_id)
    if refund is None:
        raise RefundNotFound
    return refund


async def list_of(services: Services, payment_id: UUID) -> Sequence[Refund]:
    """Every refund of a payment, the oldest first. Raises `PaymentNotFound`."""
    async with services.statements.transaction() as tx:
        refunds = await queries.list_refunds_of(tx, payment_id)
        if not refunds and not await queries.is_payment(tx, payment_id):
            raise PaymentNotFound
    return refunds


async def list_shown(tx: Transaction, payment_id: UUID) -> Sequence[Refund]:
    """For the history of a payer: the refunds that have succeeded or may yet, the oldest first."""
    return [one for one in await queries.list_refunds_of(tx, payment_id) if one.state in SHOWN]
