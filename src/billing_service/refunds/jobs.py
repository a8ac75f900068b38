"""Jobs that follow from a fact: look at a refund whose payment is not settled here, give an unwanted renewal back."""

from uuid import UUID

from billing_service.kit.jobs import Priority, enqueue
from billing_service.kit.transaction import Transaction

LOOK = "refund.look"
GIVE_BACK = "refund.give_back"


async def look_again(tx: Transaction, yookassa_refund_id: str) -> None:
    """Let some worker settle the payment of this refund, and then the refund, once this transaction is committed."""
    await enqueue(tx, LOOK, yookassa_refund_id.encode(), dedupe_key=f"{LOOK}:{yookassa_refund_id}")


async def give_back(tx: Transaction, payment_id: UUID, because: str) -> None:
    """Let some worker send the whole of a payment back, with its days, once this transaction is committed."""
    await enqueue(
        tx,
        GIVE_BACK,
        f"{payment_id} {because}".encode(),
        dedupe_key=f"{GIVE_BACK}:{payment_id}",
        priority=Priority.SOMEBODY_WAITS,
    )
