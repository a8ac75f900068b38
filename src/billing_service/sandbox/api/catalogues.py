"""The three lists of the API and what each can be filtered by."""

from typing import Any

from billing_service.sandbox.api.lists import Filters, Query, page
from billing_service.sandbox.model.errors import Refused
from billing_service.sandbox.model.method_types import METHOD_TYPES
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import PaymentRecord

Answer = dict[str, Any]

_FINAL = frozenset({"pending", "succeeded", "canceled"})


def _method_type(record: PaymentRecord) -> str | None:
    return record.payment.payment_method.type if record.payment.payment_method else None


_PAYMENTS = Filters(
    shown=lambda record: record.payment,
    times={
        "created_at": lambda record: record.payment.created_at,
        "captured_at": lambda record: record.payment.captured_at,
    },
    words={
        "status": (lambda record: record.payment.status, _FINAL | {"waiting_for_capture"}),
        "payment_method": (_method_type, frozenset(METHOD_TYPES)),
    },
)
_REFUNDS = Filters(
    shown=lambda record: record.refund,
    times={"created_at": lambda record: record.refund.created_at},
    words={
        "status": (lambda record: record.refund.status, _FINAL),
        "payment_id": (lambda record: record.refund.payment_id, None),
    },
)
_RECEIPTS = Filters(
    shown=lambda record: record.receipt,
    times={"created_at": lambda record: record.issued_at},
    words={
        "status": (lambda record: record.receipt.status, _FINAL),
        "payment_id": (lambda record: record.receipt.payment_id, None),
        "refund_id": (lambda record: record.receipt.refund_id, None),
    },
)


def list_payments(yookassa: Yookassa, query: Query) -> Answer:
    return page(yookassa, yookassa.state.payments.values(), query, _PAYMENTS)


def list_refunds(yookassa: Yookassa, query: Query) -> Answer:
    return page(yookassa, yookassa.state.refunds.values(), query, _REFUNDS)


def list_receipts(yookassa: Yookassa, query: Query) -> Answer:
    """At most one of payment and refund may be asked for."""
    if "payment_id" in query and "refund_id" in query:
        text = "Request should contain only one of: payment_id, refund_id"
        raise Refused(text, parameter="refund_id")
    return page(yookassa, yookassa.state.receipts.values(), query, _RECEIPTS)
