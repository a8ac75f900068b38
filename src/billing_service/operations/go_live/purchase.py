"""A real purchase of the plan of one rouble, watched from the link to the money's way back."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from billing_service.kit.callers import CLI
from billing_service.kit.errors import BillingError
from billing_service.kit.transaction import Row
from billing_service.operations.findings import Finding
from billing_service.payments import live_shop_check
from billing_service.receipts.contact import Contact
from billing_service.refunds import service as refunds
from billing_service.refunds.orders import Order
from billing_service.services import Services
from billing_service.web.errors.refunds import RefundUnanswered

# What one payment has led to by now: its money, its day, what YooKassa and we said about it.
STATE = """
    SELECT p.status, p.receipt_registration,
        EXISTS (SELECT FROM webhook_logs w WHERE w.payment_id = p.yookassa_payment_id) AS is_notified,
        EXISTS (SELECT FROM subscription_periods s WHERE s.payment_id = p.id AND s.span @> billing_now()) AS has_access,
        (SELECT e.outcome FROM outbox_events e
            WHERE e.user_id = p.user_id AND e.kind = 'payment.succeeded' AND e.data ->> 'payment_id' = p.id::text
            ORDER BY e.written_no DESC LIMIT 1) AS told,
        (SELECT r.status FROM refunds r WHERE r.payment_id = p.id ORDER BY r.created_at DESC LIMIT 1) AS returned
    FROM payments p WHERE p.id = $1
"""
PAID, NOTIFIED, GIVEN = "the rouble came in", "YooKassa told us of it", "its day was given"
TOLD, REGISTERED = "the main backend was told of it", "its receipt is registered"
RETURNED, TAKEN = "the rouble went back", "its day was taken back"
REASON = "doctor --go-live --buy"
EVERY_SECONDS = 1.0

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Patience:
    """How many seconds a person may take to pay, and what follows from it to happen."""

    to_pay: float = 900
    to_follow: float = 120


async def findings(
    services: Services, tell: Tell, *, contact: Contact | None = None, patience: Patience = Patience()
) -> AsyncIterator[Finding]:
    """Make the payment, hand its link to `tell`, and watch what follows, as a worker elsewhere does it.

    `contact`: where its receipt goes. The money goes back whatever was found on the way, once it was paid. What is
    interrupted before stands in the panel as any payment, and is sent back by `billing-service refund`.
    """
    payer = min(services.settings.billing_admin_user_ids, default=None)
    if payer is None:
        yield Finding(PAID, None, "BILLING_ADMIN_USER_IDS is blank")
        return
    wish = live_shop_check.order(
        caller=CLI, user_id=payer, return_url=None, idempotency_key=uuid4().hex, receipt_contact=contact
    )
    try:
        payment = (await live_shop_check.start(services, wish)).payment
    except BillingError as error:
        yield Finding(PAID, f"{error.code}: {error.message}")
        return
    tell(f"pay {payment.amount} {payment.currency} as user {payer}: {payment.confirmation_url}")
    paid = await _until(services, payment.id, patience.to_pay, lambda now: now["status"] != "PENDING")
    yield Finding(PAID, None if paid["status"] == "SUCCEEDED" else f"the payment is {paid['status'].lower()}")
    if paid["status"] != "SUCCEEDED":
        return
    async for finding in _what_follows(services, payment.id, patience.to_follow):
        yield finding
    async for finding in _way_back(services, payment.id, patience.to_follow):
        yield finding


async def _what_follows(services: Services, payment_id: UUID, seconds: float) -> AsyncIterator[Finding]:
    is_told_by_us = services.settings.events_url is not None

    def all_is_there(now: Row) -> bool:
        told = now["told"] == "delivered" or not is_told_by_us
        return bool(
            now["is_notified"] and now["has_access"] and told and now["receipt_registration"] != "pending"
        )

    now = await _until(services, payment_id, seconds, all_is_there)
    yield Finding(
        NOTIFIED,
        None if now["is_notified"] else f"no notification came in {seconds:.0f} s: it was asked about",
    )
    yield Finding(GIVEN, None if now["has_access"] else "the payer has no access")
    yield Finding(
        TOLD,
        None
        if now["told"] == "delivered" or not is_told_by_us
        else f"its event is {now['told'] or 'undelivered'}",
        None if is_told_by_us else "EVENTS_URL is blank",
    )
    yield _of_the_receipt(now["receipt_registration"])


def _of_the_receipt(registration: str | None) -> Finding:
    if registration is None:
        return Finding(REGISTERED, None, "none is sent for this shop")
    if registration == "pending":
        return Finding(REGISTERED, None, "it is under way, for a day at most")
    return Finding(REGISTERED, "the register refused it" if registration == "canceled" else None)


async def _way_back(services: Services, payment_id: UUID, seconds: float) -> AsyncIterator[Finding]:
    order = Order(
        payment_id=payment_id,
        amount=None,
        access=None,
        reason=REASON,
        author=CLI,
        caller=CLI,
        idempotency_key=f"go-live-{payment_id}",
        request_id="",
    )
    try:
        await refunds.start(services, order)
    except RefundUnanswered:
        pass  # It goes on by itself, and is watched below.
    except BillingError as error:
        yield Finding(RETURNED, f"{error.code}: {error.message}")
        return
    now = await _until(services, payment_id, seconds, lambda now: now["returned"] != "PENDING")
    yield Finding(
        RETURNED, None if now["returned"] == "SUCCEEDED" else f"the refund is {now['returned'].lower()}"
    )
    yield Finding(TAKEN, "the payer still has it" if now["has_access"] else None)


async def _until(
    services: Services, payment_id: UUID, seconds: float, is_enough: Callable[[Row], bool]
) -> Row:
    """The state once it is enough, or at the end of the time."""
    deadline = time.monotonic() + seconds
    while True:
        now = await services.statements.fetch_one(STATE, payment_id)
        if is_enough(now) or time.monotonic() > deadline:
            return now
        await asyncio.sleep(EVERY_SECONDS)
