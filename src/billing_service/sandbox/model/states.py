"""What may become of a payment, a refund, a method and a receipt: (state, event) -> state.

Payment             authorized           paid        declined   expired    captured    voided
pending             waiting_for_capture  succeeded   canceled   canceled   -           -
waiting_for_capture -                    -           -          canceled   succeeded   canceled
succeeded, canceled are final: a refund never changes a payment's status.
"""

from enum import StrEnum

from billing_service.sandbox.model.errors import ImpossibleMove


class Status(StrEnum):
    PENDING = "pending"
    WAITING_FOR_CAPTURE = "waiting_for_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"
    ACTIVE = "active"
    INACTIVE = "inactive"


Table = dict[tuple[Status, str], Status]

PAYMENT: Table = {
    (Status.PENDING, "authorized"): Status.WAITING_FOR_CAPTURE,
    (Status.PENDING, "paid"): Status.SUCCEEDED,
    (Status.PENDING, "declined"): Status.CANCELED,
    (Status.PENDING, "expired"): Status.CANCELED,
    (Status.WAITING_FOR_CAPTURE, "captured"): Status.SUCCEEDED,
    (Status.WAITING_FOR_CAPTURE, "voided"): Status.CANCELED,
    (Status.WAITING_FOR_CAPTURE, "expired"): Status.CANCELED,
}
REFUND: Table = {
    (Status.PENDING, "completed"): Status.SUCCEEDED,
    (Status.PENDING, "rejected"): Status.CANCELED,
}
METHOD: Table = {
    (Status.PENDING, "confirmed"): Status.ACTIVE,
    (Status.PENDING, "refused"): Status.INACTIVE,
    (Status.PENDING, "expired"): Status.INACTIVE,
}
RECEIPT: Table = {
    (Status.PENDING, "registered"): Status.SUCCEEDED,
    (Status.PENDING, "rejected"): Status.CANCELED,
}


def after(table: Table, status: Status, event: str) -> Status:
    """Where this event leads. Raises ImpossibleMove where the table has no arrow."""
    if (status, event) not in table:
        raise ImpossibleMove(f"what is {status} cannot be {event}")
    return table[status, event]
