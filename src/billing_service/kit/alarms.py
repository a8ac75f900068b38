"""Alarms: what a person must look at. Each is one log line `alarm.raised` with a kind from this list, and counted."""

from collections import deque
from collections.abc import Mapping
from enum import StrEnum

import structlog
from prometheus_client import Counter

log = structlog.get_logger()


class Alarm(StrEnum):
    REPORTED_OBJECT_MISMATCH = "reported_object_mismatch"
    DOUBLE_PURCHASE = "double_purchase"
    LATE_SUCCESS = "late_success"
    IMPOSSIBLE_MOVE = "impossible_move"
    UNMATCHED_OBJECT = "unmatched_object"
    OBJECT_NOT_COMPARED = "object_not_compared"
    SECOND_PROVIDER_OBJECT = "second_provider_object"
    PROVIDER_REFUSES_OUR_KEY = "provider_refuses_our_key"
    HELD_PAYMENT = "held_payment"
    REFUND_CANCELED = "refund_canceled"
    REFUNDS_MISSING = "refunds_missing"
    REFUND_ABOVE_PAYMENT = "refund_above_payment"
    PROVIDER_LOST_PAYMENT = "provider_lost_payment"
    UNREADABLE_REQUEST = "unreadable_request"
    JOB_GIVEN_UP = "job_given_up"
    INVARIANT_BROKEN = "invariant_broken"
    WORKER_INTERRUPTED = "worker_interrupted"
    CLOCK_SKEW = "clock_skew"
    PERIOD_MOVED = "period_moved"
    NPD_NOT_REGISTERED = "npd_not_registered"
    NPD_LIMIT_NEAR = "npd_limit_near"
    RECEIPT_NOT_REGISTERED = "receipt_not_registered"
    RECEIPTS_NOT_CONFIGURED = "receipts_not_configured"
    CHARGING_STOPPED = "charging_stopped"
    EVENT_NOT_DELIVERED = "event_not_delivered"
    PAYMENT_METHOD_NOT_KEPT = "payment_method_not_kept"
    DECLINE_UNKNOWN = "decline_unknown"
    PAYMENT_METHOD_UNKNOWN = "payment_method_unknown"
    RENEWALS_BOUNDED = "renewals_bounded"
    CHARGE_NOT_GIVEN_BACK = "charge_not_given_back"
    AUDIT_FOUND = "audit_found"
    INVARIANT_NOT_EXAMINED = "invariant_not_examined"
    PAID_BUT_FREE = "paid_but_free"
    REFUND_REQUEST_OVERDUE = "refund_request_overdue"


RAISED = Counter("billing_alarms", "Alarms raised, by kind: a person must look.", ["kind"], registry=None)
for every in Alarm:
    RAISED.labels(every.value)  # shown from the start as 0, so that the first one is seen as an increase


# Raised in this process, and still to be told to the main backend (`alarms.service`). Who is not told of all of them is
# told of the newest; the log has them all.
UNTOLD: deque[tuple[Alarm, Mapping[str, object]]] = deque(maxlen=100)


def raise_alarm(kind: Alarm, **facts: object) -> None:
    """Tell the operators, and the owner. `facts` are ids, amounts and states; never secrets, never card data."""
    announce(kind, **facts)
    UNTOLD.append((kind, facts))


def announce(kind: Alarm, **facts: object) -> None:
    """Tell the operators only: the owner hears of it another way, or cannot."""
    RAISED.labels(kind.value).inc()
    log.error("alarm.raised", kind=kind.value, **facts)
