"""Which saved method may be charged without its owner."""

from billing_service.sandbox.model.errors import Refused
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.records import MethodRecord
from billing_service.sandbox.model.states import Status


def pick_method(yookassa: Yookassa, method_id: str) -> MethodRecord:
    """The saved, active method of this id. Refuses an unknown, unsaved or inactive one."""
    record = yookassa.state.methods.get(method_id)
    if record is not None and record.method.saved and record.method.status is Status.ACTIVE:
        return record
    payment = yookassa.state.payments.get(method_id)
    if record is None and (payment is None or payment.payment.payment_method is None):
        text = "This payment_method_id doesn't exist. Specify the id of the saved payment_method"
    elif record is None or not record.method.saved:
        text = "Payment method is not saved"
    else:
        text = "Payment method is not available"
    raise Refused(text, parameter="payment_method_id")
