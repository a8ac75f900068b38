"""Look at a subscription that renews itself, and do what its time has come for: tell the payer, charge him, or nothing.

Any number of workers: the rows are claimed when they are due, and each decision is made under the user's lock.
"""

from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import structlog
from asyncpg import CheckViolationError

from billing_service.charging.service import STOPPED_MEANWHILE
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.crypto import UnreadableSecret
from billing_service.kit.jobs import enqueue_all
from billing_service.kit.transaction import Transaction
from billing_service.outlooks.decision import Method, Rules, Step
from billing_service.outlooks.service import look_at
from billing_service.payment_methods import keeping
from billing_service.payment_methods.sealing import unseal
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.models import Payment
from billing_service.provider_calls.sending import Claim, post
from billing_service.renewals import attempts, notices, queries
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.web.errors.requests import UserMoved
from billing_service.yookassa.errors import NotFound, YookassaError

log = structlog.get_logger()

LOOK = "renewal.look"
# So many in one transaction, which locks them, and so many transactions in a row: with a round each ten seconds, 200 a
# second.
AT_ONCE, ROUNDS = 500, 4
# Whatever becomes of a look, a killed worker or a provider that does not answer, the next one is not later.
AGAIN_AFTER = timedelta(minutes=15)
ENDED = "inactive"


class Asked(NamedTuple):
    """Which method the provider was asked about just now, if any, and whether it says that it can be charged."""

    method_id: UUID | None
    can_be_charged: bool


NOBODY_ASKED = Asked(None, can_be_charged=False)


async def enqueue_due(services: Services) -> int:
    """Enqueue a look at every subscription whose time has come, 2,000 at most; answers how many. Safe to run anywhere,
    any number of times at once. Nothing while renewals are switched off."""
    if not services.settings.billing_recurring_enabled:
        return 0
    enqueued = 0
    for _ in range(ROUNDS):
        due = await _enqueue_some(services)
        enqueued += due
        if due < AT_ONCE:
            break
    if enqueued:
        log.info("renewals.enqueued", subscriptions=enqueued, more=enqueued == AT_ONCE * ROUNDS)
    return enqueued


async def _enqueue_some(services: Services) -> int:
    async with services.statements.transaction() as tx:
        due = await queries.take_due(tx, limit=AT_ONCE, again_after=AGAIN_AFTER)
        await enqueue_all(tx, LOOK, {f"{LOOK}:{user_id}": str(user_id).encode() for user_id in due})
    return len(due)


async def look(services: Services, user_id: int) -> None:
    """Decide, ask YooKassa about the method if something is to be done with it, decide anew under the lock, and do it.

    A charge is posted at once, and never waits in a queue. Safe to repeat and to run twice at once. Nothing for a user
    who has become another number meanwhile.
    """
    with structlog.contextvars.bound_contextvars(user_id=user_id), suppress(UserMoved):
        async with services.statements.transaction() as tx:
            looked = await look_at(tx, services, user_id)
        asked = NOBODY_ASKED
        if looked.outlook.step is not Step.NOTHING and looked.outlook.planned:
            method = looked.outlook.planned.basis.method
            asked = Asked(method.id, can_be_charged=await _can_be_charged(services, user_id, method))
        claim = await _act_unless_stopped(services, user_id, asked)
        if claim is not None:
            await post(services, PAYMENTS, claim)


async def _act_unless_stopped(services: Services, user_id: int, asked: Asked) -> Claim[Payment] | None:
    """Somebody may stop charging after the decision and before the charge is written down: the database sees it, and
    the next look decides anew."""
    try:
        return await services.statements.turns.take(user_id, lambda tx: _act(tx, services, user_id, asked))
    except CheckViolationError as refused:
        if refused.constraint_name != STOPPED_MEANWHILE:
            raise
        log.info("renewal.stopped_meanwhile")
        return None


async def _act(tx: Transaction, services: Services, user_id: int, asked: Asked) -> Claim[Payment] | None:
    """The decision that counts. While nobody says that the method can be charged, the payer is told what is due, and
    nothing else is done until it is looked at again."""
    await subscriptions.lock(tx, user_id)
    looked = await look_at(tx, services, user_id)
    known, outlook, planned = looked.known, looked.outlook, looked.outlook.planned
    await notices.tell_what_is_due(tx, looked, Rules.of(services.settings))
    if outlook.step is Step.NOTHING or planned is None:
        await queries.set_look_at(tx, user_id, outlook.look_at)
        return None
    if asked.method_id != planned.basis.method.id:
        await queries.set_look_at(tx, user_id, known.facts.now)
        return None
    if not asked.can_be_charged:
        return None
    await queries.set_look_at(tx, user_id, outlook.look_at)
    if outlook.step is Step.CHARGE:
        return await attempts.begin(tx, services, known, planned.basis)
    await notices.write(tx, services.settings, known, planned)
    return None


async def _can_be_charged(services: Services, user_id: int, method: Method) -> bool:
    """Whether the provider says so. One that has ended at its bank is dropped; one that it does not know is left, with
    an alarm: perhaps it is not the shop that it was."""
    try:
        seen = await services.yookassa.get_payment_method(unseal(services.settings, method.sealed_id))
    except UnreadableSecret:
        raise_alarm(Alarm.UNREADABLE_REQUEST, payment_method_id=method.id)
    except NotFound as error:
        raise_alarm(Alarm.PAYMENT_METHOD_UNKNOWN, payment_method_id=method.id, error_id=error.error_id)
    except YookassaError as error:
        log.warning("renewal.method_unanswered", outcome=error.outcome)
    else:
        if seen.status != ENDED:
            return True
        await _drop(services, user_id, method.id)
    return False


async def _drop(services: Services, user_id: int, method_id: UUID) -> None:
    async def end(tx: Transaction) -> None:
        await subscriptions.lock(tx, user_id)
        await keeping.end(tx, method_id)

    await services.statements.turns.take(user_id, end)
