"""Charge a saved method for the next period: the attempt, claimed by whoever writes it down."""

from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.callers import SYSTEM
from billing_service.kit.crypto import UnreadableSecret
from billing_service.kit.transaction import Transaction
from billing_service.outlooks.decision import Basis
from billing_service.outlooks.queries import CURRENCY, Candidate
from billing_service.payment_methods.sealing import unseal
from billing_service.payments.models import PLAN, Payment
from billing_service.payments.orders import frozen_receipt, marks_of
from billing_service.payments.service import write_claimed
from billing_service.payments.states import Status
from billing_service.provider_calls.sending import Claim
from billing_service.receipts import service as receipts
from billing_service.receipts.service import Receipt, Sold
from billing_service.renewals import queries
from billing_service.services import Services
from billing_service.yookassa.request_bodies import new_charge_body

log = structlog.get_logger()

ROUTE = "renewal"


async def begin(tx: Transaction, services: Services, known: Candidate, basis: Basis) -> Claim[Payment] | None:
    """Write the charge down and claim it, under the user's lock, when the decision is `Step.CHARGE`; it is posted as
    soon as this transaction is committed. None, alarmed, if no key opens the method or the hour's sum is used up: then
    the next hour looks again.

    The database holds what it stands on once more: the method, the notice, the stops, the tries, one open charge.
    """
    most = services.settings.renewal_hourly_limit
    try:
        payment = _payment_for(services, known, basis)
    except UnreadableSecret:
        method_id = basis.method.id
        await alarms.raise_once(tx, Alarm.UNREADABLE_REQUEST, method_id, payment_method_id=method_id)
        return None
    if not await queries.take_from_hour(tx, payment.amount, most=most):
        raise_alarm(Alarm.RENEWALS_BOUNDED, most=str(most))
        await queries.set_look_at(tx, payment.user_id, _next_hour(known.facts.now))
        return None
    made, claim = await write_claimed(tx, payment)
    log.info("renewal.started", payment_id=made.id, user_id=made.user_id, plan_code=made.plan_code)
    return claim


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _payment_for(services: Services, known: Candidate, basis: Basis) -> Payment:
    settings, terms = services.settings, basis.terms
    payment = Payment(
        id=uuid4(),
        user_id=known.facts.user_id,
        plan_code=terms.plan_code,
        amount=terms.amount,
        currency=CURRENCY,
        duration_days=terms.days,
        description=f"EatFit24: {known.display_name}",
        purpose=PLAN,
        status=Status.PENDING,
        shop_id=settings.shop_id,
        is_test=settings.shop_is_test,
        is_recurring=True,
        save_payment_method=False,
        consent_id=basis.consent_id,
        payment_method_id=basis.method.id,
        renewed_period_id=basis.last.id,
        notice_id=basis.notice and basis.notice.id,
        caller=SYSTEM,
        route=ROUTE,
        request_fingerprint="",
        return_url="",
    )
    receipt = _receipt(services, known, basis)
    frozen_receipt(payment, receipt)
    payment.request_body = services.vault.seal(_body(services, basis, payment, receipt))
    return payment


def _receipt(services: Services, known: Candidate, basis: Basis) -> Receipt | None:
    sold = Sold(known.description, known.vat_code, basis.terms.amount, CURRENCY)
    return receipts.of_sale(
        services.settings, services.vault, known.receipts, named=None, sold=sold, now=known.facts.now
    )


def _body(services: Services, basis: Basis, payment: Payment, receipt: Receipt | None) -> bytes:
    return new_charge_body(
        amount=payment.amount,
        currency=payment.currency,
        description=payment.description,
        method_id=unseal(services.settings, basis.method.sealed_id),
        metadata=marks_of(payment),
        receipt=receipt.block if receipt else None,
    )
