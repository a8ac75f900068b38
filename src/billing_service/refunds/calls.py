"""What a refund is to the machinery of `provider_calls`: how it is posted, asked about and found in a list."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

from billing_service.kit.transaction import Transaction
from billing_service.provider_calls.kinds import Kind, Settlement, UnmatchedObject
from billing_service.refunds import queries
from billing_service.refunds.comparison import differences
from billing_service.refunds.jobs import look_again
from billing_service.refunds.matching import OUR_MARK, row_for
from billing_service.refunds.models import Refund
from billing_service.refunds.settlement import refuse, settle
from billing_service.refunds.states import FINAL, Status
from billing_service.services import Services
from billing_service.yookassa import schemas as yookassa
from billing_service.yookassa.client import YookassaClient


async def _post(services: Services, body: bytes, key: str) -> yookassa.Refund:
    return await services.yookassa.create_refund(body, idempotence_key=key)


async def _get(services: Services, yookassa_refund_id: str) -> yookassa.Refund:
    return await services.yookassa.get_refund(yookassa_refund_id)


def _list(
    client: YookassaClient, since: datetime, until: datetime
) -> AsyncIterator[yookassa.Refund | yookassa.Unreadable]:
    return client.list_refunds(created_from=since, created_to=until)


async def _find(tx: Transaction, seen: yookassa.Refund, known_as: UUID | None = None) -> UUID:
    """Whose refund it is follows from the payment; of one that we do not know nobody can tell without asking."""
    if holder := known_as or await queries.get_holder(tx, seen.id):
        return holder
    paid = await queries.lock_paid_by_object(tx, seen.payment_id)
    if paid is None:
        raise UnmatchedObject(seen.id)
    return await row_for(tx, seen, paid.id)


async def _is_known(tx: Transaction, refund_id: UUID, seen: yookassa.Refund) -> bool:
    """One in doubt that the provider turns out to have is news, one that still waits for its payment, and where its
    receipt stands."""
    refund = await queries.get_refund(tx, refund_id)
    if refund is None or (refund.yookassa_refund_id, refund.status) != (seen.id, seen.status.upper()):
        return False
    if seen.receipt_registration not in {None, refund.receipt_registration}:
        return False
    is_done = refund.state is not Status.SUCCEEDED or refund.applied_at is not None
    return is_done and not differences(refund, await queries.get_paid(tx, refund.payment_id), seen)


async def _look_into(tx: Transaction, seen: yookassa.Refund) -> None:
    await look_again(tx, seen.id)


async def _nothing_follows(
    _services: Services, settlement: Settlement[Refund], _seen: yookassa.Refund
) -> Settlement[Refund]:
    return settlement


REFUNDS: Kind[Refund, yookassa.Refund] = Kind(
    name="refund",
    table="refunds",
    provider_id="yookassa_refund_id",
    open=tuple(str(status) for status in Status if status not in FINAL),
    repeat_for=timedelta(hours=6),
    post=_post,
    get=_get,
    list_created=_list,
    named_by=lambda seen: seen.metadata.get(OUR_MARK),
    lock=queries.lock_with_money,
    with_sending=queries.get_with_sending,
    settle=settle,
    refuse=refuse,
    find=_find,
    is_known=_is_known,
    on_unmatched=_look_into,
    # Notifications of refunds were dropped before there were stories about them.
    # What went back of what was paid before this service is for a person to look at: legacy/repairing.
    walk_from="(SELECT min(created_at) FROM payments WHERE shop_id = $2 AND caller <> 'legacy')",
    follow_up=_nothing_follows,
)
