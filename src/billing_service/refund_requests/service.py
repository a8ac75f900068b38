"""Ask for money back: a case with a number and a deadline, and nothing is charged from then on."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from billing_service.alarms import service as alarms
from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.kit.alarms import Alarm
from billing_service.kit.transaction import Transaction
from billing_service.refund_requests import queries
from billing_service.refund_requests.queries import Case
from billing_service.refunds.access import longest_cut
from billing_service.refunds.previews import Outlook, look_at_rest
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.web.errors.refunds import NotRefundable, RefundRequestNotFound, RefundTooLarge

log = structlog.get_logger()

# Told of in one go; the next ones a few minutes later.
AT_MOST = 100


@dataclass(frozen=True)
class Prospect:
    """What a refund of all that is left would do now, None if nothing can go back; and the newest case, if any."""

    payment_id: UUID
    outlook: Outlook | None
    taken: timedelta
    case: Case | None


async def look(services: Services, user_id: int, payment_id: UUID) -> Prospect:
    """Writes nothing. Raises `PaymentNotFound`, for another user's too."""

    async def read(tx: Transaction) -> Prospect:
        outlook, taken = None, timedelta(0)
        with suppress(NotRefundable, RefundTooLarge):
            outlook = await look_at_rest(tx, services, user_id, payment_id)
            if outlook.place is not None:
                unused = await queries.get_unused(tx, outlook.place.period_id)
                taken = min(unused, outlook.place.own, _longest(outlook))
        return Prospect(payment_id, outlook, taken, await queries.get_newest(tx, payment_id))

    return await services.statements.turns.take_or_queue(read)


def _longest(outlook: Outlook) -> timedelta:
    return longest_cut(outlook.access, days=outlook.days, amount=outlook.amount, paid=outlook.paid)


async def ask(services: Services, user_id: int, payment_id: UUID, reason: str) -> Case:
    """Open a case, and switch auto-renewal off in the same transaction. While one is open it is answered again.

    Raises `PaymentNotFound`, and `NotRefundable` or `RefundTooLarge` where nothing can go back.
    """
    return await services.statements.turns.take(
        user_id, lambda tx: _ask(tx, services, user_id, payment_id, reason)
    )


async def _ask(tx: Transaction, services: Services, user_id: int, payment_id: UUID, reason: str) -> Case:
    await subscriptions.lock(tx, user_id)
    known = await queries.get_newest(tx, payment_id)
    if known is not None and known.user_id == user_id and known.concluded_at is None:
        return known
    await look_at_rest(tx, services, user_id, payment_id)
    case_id, time = uuid4(), timedelta(days=services.settings.refund_request_days)
    await queries.insert_case(tx, case_id, payment_id, reason, time)
    await subscriptions.stop_renewing(tx, user_id)
    told = {"refund_request_id": case_id, "payment_id": payment_id, "user_id": user_id}
    tx.once_committed(lambda: log.info("refund.requested", **told))
    return await _read(tx, case_id)


async def refuse(services: Services, case_id: UUID, deed: Deed) -> Case:
    """Conclude it without a refund; the reason is what the payer reads. One that is concluded stays as it is, and so
    does one that is open while money of it is on its way back.

    Raises `RefundRequestNotFound`.
    """
    async with services.statements.transaction() as tx:
        refused = await queries.set_refused(tx, case_id, author=deed.author, reason=deed.reason)
        case = await _read(tx, case_id)
        if refused:
            details = {"refund_request_id": str(case_id), "payment_id": str(case.payment_id)}
            await audit.record(tx, "refund_request.refused", deed, user_id=case.user_id, details=details)
    return case


async def list_open(services: Services, *, limit: int) -> Sequence[Case]:
    """The one that must be answered first comes first."""
    async with services.statements.transaction() as tx:
        return await queries.list_open(tx, limit=limit)


async def get(services: Services, case_id: UUID) -> Case:
    """Raises `RefundRequestNotFound`."""
    async with services.statements.transaction() as tx:
        return await _read(tx, case_id)


async def watch(services: Services) -> None:
    """Raise an alarm about each that should have been answered by now, once; what was answered since needs none."""
    async with services.statements.transaction() as tx:
        for case in await queries.list_overdue(tx, limit=AT_MOST):
            facts = {"payment_id": str(case.payment_id), "user_id": case.user_id}
            await alarms.raise_first(
                tx, Alarm.REFUND_REQUEST_OVERDUE, case.id, answer_by=case.answer_by.isoformat(), **facts
            )
        standing = await alarms.list_unresolved(tx, [Alarm.REFUND_REQUEST_OVERDUE])
        answered = await queries.list_concluded(tx, [UUID(one.subject) for one in standing])
        await alarms.resolve(tx, [Alarm.REFUND_REQUEST_OVERDUE], [str(case_id) for case_id in answered])


async def _read(tx: Transaction, case_id: UUID) -> Case:
    case = await queries.get_case(tx, case_id)
    if case is None:
        raise RefundRequestNotFound
    return case
