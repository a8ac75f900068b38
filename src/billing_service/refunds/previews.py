"""What a refund would do, said before anybody does it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self
from uuid import UUID

from billing_service.kit.money import to_wire
from billing_service.kit.transaction import Transaction
from billing_service.refunds import queries
from billing_service.refunds.access import Access
from billing_service.refunds.orders import (
    Order,
    configured_access,
    get_known,
    lock_paid,
    make_refund,
    not_refundable_because,
    refundable_of,
)
from billing_service.refunds.places import Place, place_of
from billing_service.refunds.queries import Paid, Situation
from billing_service.services import Services
from billing_service.web.errors.payments import PaymentNotFound
from billing_service.web.errors.refunds import NotRefundable, RefundTooLarge


@dataclass(frozen=True)
class Outlook:
    """What an order would do now. `amount` would go back; of what was `paid`, `returned` has and `open` may yet."""

    user_id: int
    description: str
    paid: Decimal
    returned: Decimal
    open: Decimal
    amount: Decimal
    access: Access
    currency: str
    # What was paid for, of 24 hours each, and where it lies.
    days: int
    place: Place | None

    @classmethod
    async def of(
        cls, tx: Transaction, paid: Paid, met: Situation, *, amount: Decimal, access: Access
    ) -> Self:
        """Of this amount of what was paid, in this situation."""
        return cls(
            user_id=paid.user_id,
            description=paid.description,
            paid=paid.amount,
            returned=met.returned,
            open=met.open,
            amount=amount,
            access=access,
            currency=paid.currency,
            days=paid.duration_days or 0,
            place=await place_of(tx, paid),
        )


async def look_ahead(services: Services, order: Order) -> Outlook:
    """What `start` would do, without doing it; for a key that is known, what it did. Raises what `start` raises before
    anything is sent."""

    async def look(tx: Transaction) -> Outlook:
        paid = await lock_paid(tx, order)
        met = await queries.get_situation(tx, paid.id, caller=order.caller, key=order.idempotency_key)
        refund = await get_known(tx, order, met) or await make_refund(tx, services, order, paid, met)
        access = Access(refund.access or configured_access(services, paid, met, refund.amount))
        return await Outlook.of(tx, paid, met, amount=refund.amount, access=access)

    return await services.statements.turns.take_or_queue(look)


async def look_at_rest(tx: Transaction, services: Services, user_id: int, payment_id: UUID) -> Outlook:
    """What sending back all that is left would do. Locks the user's money, then the payment.

    Raises `PaymentNotFound`, for another user's too, `NotRefundable`, and `RefundTooLarge` if nothing is left.
    """
    paid = await queries.lock_paid(tx, payment_id)
    if paid is None or paid.user_id != user_id:
        raise PaymentNotFound
    if because := not_refundable_because(services, paid):
        raise NotRefundable({"because": because})
    met = await queries.get_situation(tx, paid.id, caller="", key="")
    amount = refundable_of(paid, met)
    if amount == 0:
        raise RefundTooLarge({"refundable": to_wire(amount)})
    access = configured_access(services, paid, met, amount)
    return await Outlook.of(tx, paid, met, amount=amount, access=access)
