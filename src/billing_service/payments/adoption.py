"""A paid object that bears our mark and has lost its row: a person says whose it is, and it is a payment again."""

from uuid import UUID

from billing_service.config import Settings
from billing_service.kit.transaction import Transaction
from billing_service.payments import queries
from billing_service.payments.models import PLAN, Payment
from billing_service.payments.settlement import settle
from billing_service.plans.models import Plan
from billing_service.provider_calls.kinds import Settlement
from billing_service.subscriptions import service as subscriptions
from billing_service.yookassa import schemas as yookassa

ROUTE = "adoption"


async def adopt(
    tx: Transaction,
    settings: Settings,
    seen: yookassa.Payment,
    *,
    payment_id: UUID,
    user_id: int,
    plan: Plan,
    caller: str,
) -> Settlement[Payment]:
    """Make its row anew, under the id that its mark names, and settle it: its days are granted, exactly once.

    `seen` must have been fetched under our own credentials. The amount is what was paid; plan, days and user are what a
    person says they were. Row and settlement are one transaction, so that nobody ever sends the row. Safe to repeat.
    """
    await subscriptions.lock(tx, user_id)
    if await queries.get_payment(tx, payment_id) is None:
        await queries.insert_payment(
            tx,
            Payment(
                id=payment_id,
                user_id=user_id,
                plan_code=plan.code,
                amount=seen.amount.value,
                currency=seen.amount.currency,
                duration_days=plan.duration_days,
                description=f"EatFit24: {plan.display_name}",
                purpose=PLAN,
                shop_id=settings.shop_id,
                is_test=settings.shop_is_test,
                is_recurring=False,
                save_payment_method=False,
                caller=caller,
                route=ROUTE,
                request_fingerprint="",
                return_url=settings.yookassa_return_url,
            ),
        )
    return await settle(tx, settings, payment_id, seen)
