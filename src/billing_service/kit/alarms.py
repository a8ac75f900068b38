"""Alarms: what a person must look at. Each is one log line `alarm.raised` with a kind from this list."""

from enum import StrEnum

import structlog

log = structlog.get_logger()


class Alarm(StrEnum):
    REPORTED_OBJECT_MISMATCH = "reported_object_mismatch"
    DOUBLE_PURCHASE = "double_purchase"
    LATE_SUCCESS = "late_success"
    IMPOSSIBLE_MOVE = "impossible_move"
    UNMATCHED_OBJECT = "unmatched_object"
    SECOND_PROVIDER_OBJECT = "second_provider_object"
    PROVIDER_REFUSES_OUR_KEY = "provider_refuses_our_key"
    HELD_PAYMENT = "held_payment"
    PROVIDER_LOST_PAYMENT = "provider_lost_payment"
    JOB_GIVEN_UP = "job_given_up"


def raise_alarm(kind: Alarm, **facts: object) -> None:
    """Tell the operators. `facts` are ids, amounts and states; never secrets, never card data."""
    log.error("alarm.raised", kind=kind.value, **facts)
