"""Start a purchase: one payment for one wish to buy, whatever the browser, the network or the provider repeat."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.config import Settings
from billing_service.kit.clock import get_now
from billing_service.observability.log_context import about_payment
from billing_service.payments import queries
from billing_service.payments.models import PLAN, Payment
from billing_service.payments.purchase_limit import take_place
from billing_service.payments.return_urls import is_allowed
from billing_service.payments.sending import alarm_if_our_key_is_refused, send
from billing_service.payments.settlement import OUR_MARK, settle
from billing_service.payments.states import Status
from billing_service.plans import service as plans
from billing_service.plans.models import Plan
from billing_service.subscriptions import service as subscriptions
from billing_service.web.dependencies import Services
from billing_service.web.errors import (
    IdempotencyKeyReused,
    MissingPlanCode,
    YookassaRejected,
    YookassaUnavailable,
)
from billing_service.yookassa.errors import YookassaError
from billing_service.yookassa.schemas import new_payment_body

log = structlog.get_logger()

ROUTE = "create-payment"
CURRENCY = "RUB"
CALLER_WAITS_SECONDS = 8
# A link lives for an hour at the provider; one that is about to die is not handed out again.
LINK_LIVES, MUST_REMAIN = timedelta(hours=1), timedelta(minutes=15)
UNSEEN_FOR = timedelta(seconds=30)
# So long the provider is not asked again for what it has just refused, however often somebody clicks.
REFUSAL_HOLDS = timedelta(seconds=60)
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Order:
    """What somebody asked for. `caller` owns the service token; everything else is the caller's word.

    Cards cannot be kept yet: `save_payment_method` is part of the wish, but not of what is sent.
    `route` is how it was asked for, and `find_plan` which plans can be had that way: those on sale, if nothing is said.
    """

    caller: str
    user_id: int
    plan_code: str | None
    return_url: str | None
    save_payment_method: bool
    idempotency_key: str | None
    route: str = ROUTE
    find_plan: Callable[[AsyncSession, str], Awaitable[Plan]] = plans.get_for_sale

    @property
    def fingerprint(self) -> str:
        asked = [self.plan_code, self.return_url, self.save_payment_method]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


@dataclass(frozen=True)
class Purchase:
    """The payment an order means. `limits`: what is left of the user's purchases, if it took a place among them."""

    payment: Payment
    limits: Mapping[str, str] = field(default_factory=dict)


async def start(services: Services, order: Order) -> Purchase:
    """A payment with a link to pay it. Price, currency and days come from the database, never from the caller.

    The same `Idempotency-Key` gives the same payment; without one, an open checkout on the same terms is handed out
    again, also when it turns out to have been paid just now: nobody is billed twice for one wish. What the provider
    refused less than a minute ago is refused again without asking it.

    Raises `MissingPlanCode`, `InvalidPlan`, `IdempotencyKeyReused`, `RateLimited`, `YookassaRejected` (the payment is
    FAILED) or, after 8 s at most, `YookassaUnavailable`: then the sending goes on, and asking again continues the same
    payment.
    """
    if not order.plan_code:
        raise MissingPlanCode
    try:
        async with asyncio.timeout(CALLER_WAITS_SECONDS) as patience:
            return await _purchase(services, order)
    except TimeoutError:
        if patience.expired():
            raise YookassaUnavailable from None
        raise


async def _purchase(services: Services, order: Order) -> Purchase:
    while True:
        async with services.db.begin() as session:
            meant = await _payment_meant(session, services, order)
            now = await get_now(session)
        payment = meant.payment
        if payment.state is Status.PENDING and not payment.is_of_shop(services.settings):
            # Known by its key; the shop was changed since. Money paid there would never be seen here.
            raise YookassaUnavailable({"payment_id": str(payment.id)})
        if _is_unseen(payment, now):
            payment = await _seen_now(services, payment)
            if payment.state is Status.SUCCEEDED:
                return Purchase(payment)
            continue
        if payment.yookassa_payment_id is None and payment.state is Status.PENDING:
            payment = await _sent(services, payment)
        if payment.state is Status.FAILED:
            raise YookassaRejected({"payment_id": str(payment.id)})
        return Purchase(payment, meant.limits)


async def _payment_meant(session: AsyncSession, services: Services, order: Order) -> Purchase:
    """Block 1: found by its key or its terms, or inserted."""
    await subscriptions.lock(session, order.user_id)
    if known := await _by_key(session, order):
        return Purchase(known)
    plan = await order.find_plan(session, order.plan_code or "")
    payment = _new_payment(services, order, plan)
    young = LINK_LIVES - MUST_REMAIN
    if order.idempotency_key is None and (
        found := await queries.get_open_checkout(session, payment, younger_than=young)
    ):
        return Purchase(found)
    if refused := await queries.get_refused_checkout(session, payment, within=REFUSAL_HOLDS):
        raise YookassaRejected({"payment_id": str(refused.id)})
    limits = await take_place(session, services.settings, order.user_id)
    session.add(payment)
    await session.flush()
    log.info("payment.started", payment_id=payment.id, user_id=order.user_id, plan_code=plan.code)
    return Purchase(payment, limits)


async def _by_key(session: AsyncSession, order: Order) -> Payment | None:
    if order.idempotency_key is None:
        return None
    known = await queries.get_by_idempotency_key(
        session, caller=order.caller, user_id=order.user_id, route=order.route, key=order.idempotency_key
    )
    if known is not None and known.request_fingerprint != order.fingerprint:
        raise IdempotencyKeyReused
    return known


def _is_unseen(payment: Payment, now: datetime) -> bool:
    """Whether it may have been paid, declined or expired since we last looked."""
    seen_at = payment.seen_at
    return payment.state is Status.PENDING and seen_at is not None and now - seen_at > UNSEEN_FOR


def _new_payment(services: Services, order: Order, plan: Plan) -> Payment:
    settings = services.settings
    payment = Payment(
        id=uuid4(),
        user_id=order.user_id,
        plan_code=plan.code,
        amount=plan.price,
        currency=CURRENCY,
        duration_days=plan.duration_days,
        description=f"EatFit24: {plan.display_name}",
        purpose=PLAN,
        status=Status.PENDING,
        shop_id=settings.shop_id,
        is_test=settings.shop_is_test,
        is_recurring=False,
        save_payment_method=False,
        caller=order.caller,
        route=order.route,
        idempotency_key=order.idempotency_key,
        request_fingerprint=order.fingerprint,
        return_url=_return_url(settings, order),
    )
    body = new_payment_body(
        amount=payment.amount,
        currency=payment.currency,
        description=payment.description,
        return_url=payment.return_url,
        metadata={OUR_MARK: str(payment.id), "plan_code": plan.code, "user_id": str(order.user_id)},
    )
    payment.request_body = services.vault.seal(body)
    return payment


def _return_url(settings: Settings, order: Order) -> str:
    if order.return_url is None:
        return settings.yookassa_return_url
    if is_allowed(order.return_url, settings.allowed_return_url_domains, dev=settings.is_dev):
        return order.return_url
    log.warning("return_url.replaced", user_id=order.user_id, length=len(order.return_url))
    return settings.yookassa_return_url


async def _seen_now(services: Services, payment: Payment) -> Payment:
    """The payment after asking about it and settling what we learn.

    What contradicts our row would not be granted when paid, so its link is not handed out.
    """
    try:
        with about_payment(payment.id):
            seen = await services.yookassa.get_payment(payment.yookassa_payment_id or "")
    except YookassaError as error:
        alarm_if_our_key_is_refused(payment.id, error)
        raise YookassaUnavailable({"payment_id": str(payment.id)}) from None
    async with services.db.begin() as session:
        settlement = await settle(session, payment.id, seen)
        now_known = await queries.get_payment(session, payment.id)
    if settlement.refused_because:
        raise YookassaUnavailable({"payment_id": str(payment.id)})
    return now_known or payment


async def _sent(services: Services, payment: Payment) -> Payment:
    """Wait until the provider has the payment, sending it ourselves unless somebody already does."""
    with about_payment(payment.id):
        await asyncio.shield(services.background.start(send(services, payment.id)))
    while True:
        async with services.db.begin() as session:
            current = await queries.get_payment(session, payment.id) or payment
            now = await get_now(session)
        if current.yookassa_payment_id or current.state is not Status.PENDING:
            return current
        if current.send_lease_until is None or current.send_lease_until < now:
            raise YookassaUnavailable({"payment_id": str(payment.id)})
        await asyncio.sleep(POLL_SECONDS)
