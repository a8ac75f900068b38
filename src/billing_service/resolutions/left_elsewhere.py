"""A charge that left for a shop which is no longer ours: nobody asks about it any more, so a person ends it."""

from billing_service.kit.transaction import Transaction
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.letting_go import let_go
from billing_service.payments.models import Payment
from billing_service.payments.settlement import refuse
from billing_service.payments.states import Status
from billing_service.services import Services


async def end(services: Services, payment: Payment | None) -> bool:
    """Whether it was such a charge, which has ended from now on: its period is charged here like any other.

    Days that were paid there are for the person to give before, and he knows whether the payer was charged: the service
    tells the payer nothing. Money that is only held there is his to let go before. Safe to repeat. If the shop is ours
    again one day and says that it was paid, it is settled as any late success.
    """
    if payment is None or payment.payment_method_id is None or payment.is_of_shop(services.settings):
        return False

    async def act(tx: Transaction) -> bool:
        charge = await PAYMENTS.lock(tx, payment.id)
        match charge.state:
            case Status.PENDING:
                await refuse(tx, charge, None)
            case Status.WAITING_FOR_CAPTURE:
                await let_go(tx, charge)
            case _:
                return False
        return True

    return await services.statements.turns.take_or_queue(act)
