"""A wish to buy, and the payment it becomes: price, days and request are frozen when the row is made."""

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import structlog

from billing_service.config import Settings
from billing_service.kit.crypto import Vault
from billing_service.kit.errors import BillingError
from billing_service.kit.payer import UNKNOWN_PAYER, Payer
from billing_service.kit.transaction import Transaction
from billing_service.payments.models import PLAN, Payment
from billing_service.payments.return_urls import is_allowed
from billing_service.payments.settlement import OUR_MARK
from billing_service.payments.states import Status
from billing_service.plans import service as plans
from billing_service.plans.models import Plan
from billing_service.receipts.contact import Contact
from billing_service.receipts.service import Receipt
from billing_service.web.errors.payments import InvalidPlan
from billing_service.yookassa.request_bodies import new_payment_body

log = structlog.get_logger()

ROUTE = "create-payment"
CURRENCY = "RUB"


@dataclass(frozen=True)
class Order:
    """What somebody asked for. `caller` owns the service token; everything else is the caller's word.

    Whether what it is paid with is kept, as `save_payment_method` wishes, is decided by `saving`; `consent_version` is
    the document that the user agrees to along with the order, `payer` the device it is said from.
    `receipt_contact` is where its receipt goes, if one is sent; the known one, if nothing is said.
    `preview_id` names what the payer was shown, of which nothing may have changed since.
    `route` is how it was asked for, `find_plan` which plans can be had that way (those on sale, if nothing is said),
    `unknown_plan` what is answered for every other code.
    """

    caller: str
    user_id: int
    plan_code: str | None
    return_url: str | None
    save_payment_method: bool
    idempotency_key: str | None
    route: str = ROUTE
    consent_version: str | None = None
    payer: Payer = UNKNOWN_PAYER
    # No part of the fingerprint: docs/decisions/receipt-contacts.md.
    receipt_contact: Contact | None = None
    # Nor is this: what the payer saw is no part of what is bought, and a payment that is there already was bought so.
    preview_id: str | None = None
    find_plan: Callable[[Transaction, str], Awaitable[Plan | None]] = plans.get_for_sale
    unknown_plan: type[BillingError] = InvalidPlan

    @property
    def fingerprint(self) -> str:
        asked: list[object] = [self.plan_code, self.return_url, self.save_payment_method]
        asked += [{"consent": self.consent_version}] if self.consent_version is not None else []
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def payment_for(
    settings: Settings,
    order: Order,
    plan: Plan | None,
    *,
    save: bool = False,
    not_saved_because: str | None = None,
) -> Payment:
    """The payment that the order would become, on the plan's terms of now; without a plan it has none."""
    return Payment(
        id=uuid4(),
        user_id=order.user_id,
        plan_code=plan.code if plan else None,
        amount=plan.price if plan else None,
        currency=CURRENCY,
        duration_days=plan.duration_days if plan else None,
        description=f"EatFit24: {plan.display_name}" if plan else "",
        purpose=PLAN,
        status=Status.PENDING,
        shop_id=settings.shop_id,
        is_test=settings.shop_is_test,
        is_recurring=False,
        save_payment_method=save,
        not_saved_because=not_saved_because,
        caller=order.caller,
        route=order.route,
        idempotency_key=order.idempotency_key,
        request_fingerprint=order.fingerprint,
        return_url=_return_url(settings, order),
    )


def sealed(vault: Vault, payment: Payment, receipt: Receipt | None = None) -> Payment:
    """The same, with the bytes that will be sent, encrypted, and with what its receipt says was sold."""
    frozen_receipt(payment, receipt)
    body = new_payment_body(
        amount=payment.amount,
        currency=payment.currency,
        description=payment.description,
        return_url=payment.return_url,
        metadata=marks_of(payment),
        save_payment_method=payment.save_payment_method,
        receipt=receipt.block if receipt else None,
    )
    payment.request_body = vault.seal(body)
    return payment


def marks_of(payment: Payment) -> dict[str, str]:
    """What the provider keeps beside its object and gives back: by it the object is known again."""
    return {
        OUR_MARK: str(payment.id),
        "plan_code": payment.plan_code or "",
        "user_id": str(payment.user_id),
    }


def frozen_receipt(payment: Payment, receipt: Receipt | None) -> None:
    """Keep with the payment what its receipt says was sold, so that a return repeats it."""
    if receipt:
        for name, value in receipt.item._asdict().items():
            setattr(payment, f"receipt_{name}", value)
        payment.receipt_registration = "pending"


def _return_url(settings: Settings, order: Order) -> str:
    if order.return_url is None:
        return settings.yookassa_return_url
    if is_allowed(order.return_url, settings.allowed_return_url_domains, dev=settings.is_dev):
        return order.return_url
    log.warning("return_url.replaced", user_id=order.user_id, length=len(order.return_url))
    return settings.yookassa_return_url
