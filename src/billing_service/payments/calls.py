"""What a payment is to the machinery of `provider_calls`: how it is posted, asked about and found in a list."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

from billing_service.config import Settings
from billing_service.kit.transaction import Transaction
from billing_service.payments import charge_queries, queries
from billing_service.payments.capture import capture_held_money
from billing_service.payments.comparison import differences
from billing_service.payments.first_answer import keep
from billing_service.payments.models import Payment
from billing_service.payments.service import alarm_unmatched, match
from billing_service.payments.settlement import OUR_MARK, income_left, settle
from billing_service.payments.states import FINAL, Status
from billing_service.payments.unsaved import refuse
from billing_service.provider_calls.kinds import Kind
from billing_service.services import Services
from billing_service.yookassa import schemas as yookassa
from billing_service.yookassa.client import YookassaClient

# Nobody waits at a page; who was not charged by then is asked about, and tried anew.
CHARGED_AGAIN_FOR = timedelta(hours=6)


async def _post(services: Services, body: bytes, key: str) -> yookassa.Payment:
    return await services.yookassa.create_payment(body, idempotence_key=key)


async def _get(services: Services, yookassa_payment_id: str) -> yookassa.Payment:
    return await services.yookassa.get_payment(yookassa_payment_id)


def _list(
    client: YookassaClient, since: datetime, until: datetime
) -> AsyncIterator[yookassa.Payment | yookassa.Unreadable]:
    return client.list_payments(created_from=since, created_to=until)


async def _is_known(tx: Transaction, payment_id: UUID, seen: yookassa.Payment) -> bool:
    """A payment in doubt that the provider turns out to have is news, and so is what its fee leaves of one, and where
    its receipt stands."""
    payment = await queries.get_payment(tx, payment_id)
    if payment is None or payment.yookassa_payment_id != seen.id:
        return False
    if income_left(payment, seen) != payment.income_amount:
        return False
    if seen.receipt_registration not in {None, payment.receipt_registration}:
        return False
    return payment.status == seen.status.upper() and not differences(payment, seen)


async def _may_send(tx: Transaction, settings: Settings, payment: Payment) -> bool:
    """A purchase always; a charge of a saved method only while everything that it stands on still holds."""
    if payment.payment_method_id is None:
        return True
    return settings.billing_recurring_enabled and await charge_queries.may_charge_again(
        tx, payment.id, within=CHARGED_AGAIN_FOR
    )


PAYMENTS: Kind[Payment, yookassa.Payment] = Kind(
    name="payment",
    table="payments",
    provider_id="yookassa_payment_id",
    open=tuple(str(status) for status in Status if status not in FINAL),
    repeat_for=timedelta(hours=20),
    post=_post,
    get=_get,
    list_created=_list,
    named_by=lambda seen: seen.metadata.get(OUR_MARK),
    lock=queries.lock_with_money,
    with_sending=queries.get_with_sending,
    settle=settle,
    refuse=refuse,
    find=match,
    is_known=_is_known,
    on_unmatched=alarm_unmatched,
    walk_from="""least(
        billing_now() - interval '1 day',
        (SELECT min(created_at) FROM payments WHERE shop_id = $2 AND caller <> 'legacy')
    )""",
    follow_up=capture_held_money,
    may_send=_may_send,
    keep=keep,
)
