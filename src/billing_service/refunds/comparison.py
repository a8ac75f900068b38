"""What the provider reports of a refund of ours must be what we asked for, or nothing follows from it."""

from collections.abc import Iterator

from billing_service.refunds.models import Refund
from billing_service.refunds.queries import Paid
from billing_service.refunds.states import Report
from billing_service.yookassa import schemas as yookassa

KNOWN_STATUSES = frozenset(report.value for report in Report) - {Report.REFUSED.value}


def differences(refund: Refund, paid: Paid, seen: yookassa.Refund) -> list[str]:
    """The names of the facts that contradict our row; empty if the report may be believed."""
    return list(_differences(refund, paid, seen))


def _differences(refund: Refund, paid: Paid, seen: yookassa.Refund) -> Iterator[str]:
    if seen.payment_id != paid.yookassa_payment_id:
        yield "payment"
    if seen.amount.value != refund.amount:
        yield "amount"
    if seen.amount.currency != refund.currency:
        yield "currency"
    if seen.status not in KNOWN_STATUSES:
        yield "status"
    if refund.yookassa_refund_id not in {None, seen.id}:
        yield "id"
