"""An imported payment whose days did not come with the import: they are laid behind whatever its payer has."""

from uuid import UUID

from billing_service.kit.transaction import Transaction
from billing_service.payments import queries
from billing_service.payments.comparison import differences
from billing_service.payments.states import Status
from billing_service.refunds import service as refunds
from billing_service.subscriptions import service as subscriptions
from billing_service.yookassa import schemas as yookassa


async def give_days(tx: Transaction, payment_id: UUID, seen: yookassa.Payment) -> bool:
    """Give it the one period that every paid payment has; from now on it is like any other that was paid here.

    `seen` must have been fetched under our own credentials. False, and nothing is written, if the payment has its days,
    was not paid, is reported otherwise, or has gone back in part since it was asked about. Safe to repeat.
    """
    payment = await queries.lock_with_money(tx, payment_id)
    if not payment.imported or payment.state is not Status.SUCCEEDED or payment.period_id is not None:
        return False
    if payment.plan_code is None or payment.duration_days is None:
        return False
    if seen.status != "succeeded" or differences(payment, seen):
        return False
    # What took its access before there was any would take nothing of what is given now.
    if await refunds.list_shown(tx, payment_id):
        return False
    period_id = await subscriptions.grant_paid_period(
        tx,
        user_id=payment.user_id,
        plan_code=payment.plan_code,
        days=payment.duration_days,
        payment_id=payment.id,
        is_test=payment.is_test,
    )
    await queries.own_period(tx, payment.id, period_id)
    return True
