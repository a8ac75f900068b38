"""The job that looks at a refund whose payment is not settled here, or not known at all."""

from billing_service.kit.jobs import enqueue
from billing_service.kit.transaction import Transaction

LOOK = "refund.look"


async def look_again(tx: Transaction, yookassa_refund_id: str) -> None:
    """Let some worker settle the payment of this refund, and then the refund, once this transaction is committed."""
    await enqueue(tx, LOOK, yookassa_refund_id.encode(), dedupe_key=f"{LOOK}:{yookassa_refund_id}")
