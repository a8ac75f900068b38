"""What the provider reports must be what we asked for, or nothing is granted."""

from collections.abc import Iterator

from billing_service.payments.models import Payment
from billing_service.payments.states import Report
from billing_service.yookassa import schemas as yookassa

KNOWN_STATUSES = frozenset(report.value for report in Report) - {Report.REFUSED.value}


def differences(payment: Payment, seen: yookassa.Payment) -> list[str]:
    """The names of the facts that contradict our row; empty if the report may be believed."""
    return list(_differences(payment, seen))


def _differences(payment: Payment, seen: yookassa.Payment) -> Iterator[str]:
    if seen.amount.value != payment.amount:
        yield "amount"
    if seen.amount.currency != payment.currency:
        yield "currency"
    if seen.account_id != payment.shop_id:
        yield "shop"
    if seen.test is not payment.is_test:
        yield "test"
    if seen.status not in KNOWN_STATUSES:
        yield "status"
    if seen.status == Report.SUCCEEDED.value and not seen.paid:
        yield "paid"
    if payment.yookassa_payment_id not in {None, seen.id}:
        yield "id"
