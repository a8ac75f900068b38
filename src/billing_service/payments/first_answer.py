"""Keep the usual answer to a purchase, that it waits to be paid, by one statement."""

from billing_service.payments import checkout_queries
from billing_service.payments.comparison import differences
from billing_service.payments.models import Payment
from billing_service.payments.settlement import compare_clocks, income_left
from billing_service.payments.states import Report
from billing_service.provider_calls.kinds import Settlement
from billing_service.services import Services
from billing_service.yookassa import schemas as yookassa


async def keep(services: Services, sent: Payment, seen: yookassa.Payment) -> Settlement[Payment] | None:
    """The provider's id and link, for a payment that was sent for the first time and is as it was then.

    Nothing of the user's money changes, so that his lock is not needed. None, and nothing is kept, where the answer
    says anything else or somebody was here meanwhile: then `settle` decides, under the lock.
    """
    if not _only_waits_to_be_paid(sent, seen):
        return None
    payment = await checkout_queries.keep_answer(services.statements, sent, seen.id, seen.confirmation_url)
    if payment is None:
        return None
    compare_clocks(payment, seen)
    return Settlement(payment, changed=False)


def _only_waits_to_be_paid(sent: Payment, seen: yookassa.Payment) -> bool:
    return (
        seen.status == Report.PENDING.value
        and not differences(sent, seen)
        and income_left(sent, seen) == sent.income_amount
        and seen.receipt_registration in {None, sent.receipt_registration}
    )
