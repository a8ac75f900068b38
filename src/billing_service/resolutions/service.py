"""Resolve: a person decides about a payment that no rule can decide; each decision once, and written down."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

import structlog

from billing_service.alarms import service as alarms
from billing_service.alarms.queries import Standing
from billing_service.audit import service as audit
from billing_service.grants import service as grants
from billing_service.grants.service import Gift
from billing_service.kit.alarms import Alarm
from billing_service.kit.transaction import Transaction
from billing_service.payments import service as payments
from billing_service.payments.models import Payment
from billing_service.payments.states import Status
from billing_service.refunds import service as refunds
from billing_service.refunds.models import Refund
from billing_service.refunds.orders import Order
from billing_service.refunds.service import SHOWN
from billing_service.refunds.states import Status as RefundStatus
from billing_service.resolutions import left_elsewhere
from billing_service.resolutions.decisions import Became, Because, CannotResolve, Decision, Said, Verb
from billing_service.resolutions.matching import settled_now
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.webhooks import service as webhooks
from billing_service.webhooks.queries import GivenUp
from billing_service.yookassa import schemas as yookassa
from billing_service.yookassa.errors import NotFound

log = structlog.get_logger()

ACTION = "payment.resolved"
KEY = "resolve"
# What no configuration puts right later. Any other difference may end, and then the payment gives its days itself.
FINAL_DIFFERENCES = frozenset({"amount", "currency"})
# Alarms about a payment or a refund that stand until a person has decided.
KINDS = (
    *(Alarm.UNMATCHED_OBJECT, Alarm.REPORTED_OBJECT_MISMATCH, Alarm.SECOND_PROVIDER_OBJECT),
    *(Alarm.DOUBLE_PURCHASE, Alarm.LATE_SUCCESS, Alarm.IMPOSSIBLE_MOVE, Alarm.HELD_PAYMENT),
    *(Alarm.REFUND_CANCELED, Alarm.REFUNDS_MISSING, Alarm.REFUND_ABOVE_PAYMENT),
    Alarm.CHARGE_NOT_GIVEN_BACK,
    *(Alarm.PROVIDER_LOST_PAYMENT, Alarm.OBJECT_NOT_COMPARED),
)


@dataclass(frozen=True)
class Outcome:
    """What is so now (`done`), what no longer stands because of it, and the decision that had been taken before."""

    done: Said
    alarms: Sequence[str]
    notifications: int
    before: audit.Entry | None


@dataclass(frozen=True)
class Prospect:
    """`payment` is ours, None if there is no row, with what has gone back of it or is on its way; `seen` is YooKassa's,
    None if it has none or was not asked. `alarms` and `notifications` would no longer stand."""

    payment: Payment | None
    seen: yookassa.Payment | None
    returned: Decimal
    alarms: Sequence[str]
    notifications: int


@dataclass(frozen=True)
class Unresolved:
    alarms: Sequence[Standing]
    notifications: Sequence[GivenUp]


async def list_unresolved(services: Services) -> Unresolved:
    """What waits for a person."""
    async with services.statements.transaction() as tx:
        return Unresolved(await alarms.list_unresolved(tx, KINDS), await webhooks.list_given_up(tx))


async def look(services: Services, decision: Decision) -> Prospect:
    """What stands about it, ours and YooKassa's word; changes nothing. Raises the client's errors."""
    async with services.statements.transaction() as tx:
        payment = await payments.find(tx, decision.subject)
    object_id = decision.subject if payment is None else payment.yookassa_payment_id
    seen = None
    if object_id is not None and decision.verb is not Verb.DISMISS:
        with suppress(NotFound):
            seen = await services.yookassa.get_payment(object_id)
    stood, waited = await services.statements.turns.look(
        decision.subject, lambda tx: _let_nothing_stand(tx, decision, payment)
    )
    returned = _returned(await refunds.list_of(services, payment.id) if payment else [])
    return Prospect(payment, seen, returned, sorted(stood), waited)


async def resolve(services: Services, decision: Decision) -> Outcome:
    """Do what was decided, then write it down and let nothing stand about it. Safe to repeat.

    Raises `CannotResolve`, what grants and refunds raise, and the client's errors; then everything stands as before,
    and a repeat goes on.
    """
    if decision.verb is Verb.DISMISS:
        async with services.statements.transaction() as tx:
            payment = await payments.find(tx, decision.subject)
        ended = await left_elsewhere.end(services, payment)
        done = Said(Became.ENDED if ended else Became.NOTHING, {})
        return await _conclude(services, decision, payment, done)
    payment, refused = await settled_now(services, decision)
    act = _grant if decision.verb is Verb.GRANT else _refund
    done = await act(services, decision, payment, refused)
    return await _conclude(services, decision, payment, done)


async def _grant(services: Services, decision: Decision, payment: Payment, refused: Collection[str]) -> Said:
    facts = {"user_id": payment.user_id, "days": payment.duration_days, "payment_id": payment.id}
    if payment.plan_code is None or payment.duration_days is None:
        raise CannotResolve(Because.FOR_NO_PLAN)
    if payment.state is Status.SUCCEEDED:
        is_left = await _left_of(services, payment) > 0
        return Said(Became.HAS_DAYS, facts) if is_left else _gone_back(payment)
    if not FINAL_DIFFERENCES.issuperset(refused):
        raise CannotResolve(Because.CONFIGURED_WRONG, differences=", ".join(refused))
    async with services.statements.transaction() as tx:
        before = await _earlier(tx, payment, decision)
    if before is None:
        key = f"{KEY}:{payment.id}"
        gift = Gift(payment.user_id, payment.plan_code, payment.duration_days, key)
        await grants.grant_by_own_key(services, gift, decision.deed)
    return Said(Became.GIVEN_BY_HAND, facts | {"differences": ", ".join(refused)})


async def _refund(services: Services, decision: Decision, payment: Payment, refused: Collection[str]) -> Said:
    if payment.state is not Status.SUCCEEDED:
        raise CannotResolve(Because.NOT_SETTLED, differences=", ".join(refused))
    made = await refunds.list_of(services, payment.id)
    left = payment.amount - _returned(made)
    if left <= 0:
        return _gone_back(payment)
    sent = await refunds.start(
        services,
        Order(
            payment_id=payment.id,
            amount=left,
            access=None,
            reason=decision.deed.reason,
            author=decision.deed.author,
            caller=decision.deed.caller,
            # The next try has a key of its own; whoever tries at the same moment has the same.
            idempotency_key=f"{KEY}:{payment.id}:{len(made)}",
            request_id=decision.deed.request_id,
        ),
    )
    if sent.state is RefundStatus.CANCELED:
        raise CannotResolve(Because.NOT_SENT_BACK, reason=sent.cancellation_reason)
    facts = {"amount": sent.amount, "currency": sent.currency, "state": sent.state.lower()}
    return Said(Became.SENT_BACK, {"refund_id": sent.id} | facts)


async def _left_of(services: Services, payment: Payment) -> Decimal:
    return payment.amount - _returned(await refunds.list_of(services, payment.id))


def _returned(made: Sequence[Refund]) -> Decimal:
    """What has gone back, or is on its way."""
    return sum((one.amount for one in made if one.state in SHOWN), Decimal())


def _gone_back(payment: Payment) -> Said:
    return Said(Became.ALL_GONE_BACK, {"payment_id": payment.id})


async def _conclude(services: Services, decision: Decision, payment: Payment | None, done: Said) -> Outcome:
    """Let nothing stand about it any more, and write down who decided it; once, whatever is repeated."""
    async with services.statements.transaction() as tx:
        stood, waited = await _let_nothing_stand(tx, decision, payment)
        # Read last: whoever decided the same at the same moment has held these rows before us.
        before = await _earlier(tx, payment, decision)
        if not stood and not waited and before is None and done.what is Became.NOTHING:
            raise CannotResolve(Because.NOTHING_STANDS)
        if stood or waited or before is None:
            await _write_down(tx, decision, payment, stood, waited)
    return Outcome(done, stood, waited, before)


async def _let_nothing_stand(
    tx: Transaction, decision: Decision, payment: Payment | None
) -> tuple[Sequence[str], int]:
    """The kinds of the alarms that stood about it, and how many notifications waited."""
    known_as = {decision.subject} | ({str(payment.id)} if payment else set())
    known_as |= {payment.yookassa_payment_id} if payment and payment.yookassa_payment_id else set()
    if payment:
        await subscriptions.lock(tx, payment.user_id)
    stood = await alarms.resolve(tx, KINDS, known_as)
    return stood, await webhooks.close_about(tx, known_as, decision.deed)


def _subject(payment: Payment | None, decision: Decision) -> str:
    return str(payment.id) if payment else decision.subject


async def _earlier(tx: Transaction, payment: Payment | None, decision: Decision) -> audit.Entry | None:
    about = {"subject": _subject(payment, decision), "verb": decision.verb.value}
    return next(iter(await audit.list_of(tx, [ACTION], about)), None)


async def _write_down(
    tx: Transaction, decision: Decision, payment: Payment | None, stood: Sequence[str], waited: int
) -> None:
    details = {
        "subject": _subject(payment, decision),
        "verb": decision.verb.value,
        "alarms": sorted(stood),
        "notifications": waited,
    }
    user_id = payment.user_id if payment else None
    await audit.record(tx, ACTION, decision.deed, user_id=user_id, details=details)
    log.warning("payment.resolved", author=decision.deed.author, reason=decision.deed.reason, **details)
