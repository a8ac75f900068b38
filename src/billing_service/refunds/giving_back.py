"""Send back what nobody wants any more: a charge that was on its way when its payer said no, or paid by hand."""

from typing import NamedTuple
from uuid import UUID

import structlog

from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.callers import SYSTEM
from billing_service.refunds import service
from billing_service.refunds.access import Access
from billing_service.refunds.orders import Order
from billing_service.services import Services
from billing_service.web.errors.refunds import NotRefundable, RefundRejected, RefundTooLarge, RefundUnanswered
from billing_service.web.errors.requests import IdempotencyKeyReused

log = structlog.get_logger()

# What support and the payer read.
REASONS = {
    "switched_off": "Автопродление отключено, пока платёж был в пути",
    "bought_by_hand": "Подписка оплачена вручную, пока платёж был в пути",
    "charged_twice": "Период уже продлён другим платежом",
}


class Unwanted(NamedTuple):
    """A payment that goes back as a whole, and why."""

    payment_id: UUID
    because: str

    @classmethod
    def of_job(cls, payload: bytes) -> "Unwanted":
        payment_id, because = payload.decode().split()
        return cls(UUID(payment_id), because)


async def send_back(services: Services, unwanted: Unwanted) -> None:
    """All of it and all its days, by the service itself: auto-renewal stays as the payer has left it.

    Once a payment, whoever repeats it, and for whatever other reason since: the key is the payment's. Without an answer
    the refund goes on by itself. One that the provider refuses, or never had, leaves the days where they are, and a
    person is told by whatever settles it.
    """
    order = Order(
        payment_id=unwanted.payment_id,
        amount=None,
        access=Access.CUT_ALL,
        reason=REASONS[unwanted.because],
        author=SYSTEM,
        caller=SYSTEM,
        idempotency_key=f"unwanted:{unwanted.payment_id}",
        request_id="",
    )
    try:
        await service.start(services, order)
    except RefundTooLarge:
        log.info("refund.nothing_left", payment_id=unwanted.payment_id)
    except IdempotencyKeyReused:
        log.info("refund.left_as_started", payment_id=unwanted.payment_id)
    except RefundUnanswered:
        log.info("refund.left_open", payment_id=unwanted.payment_id)
    except RefundRejected:
        log.info("refund.rejected", payment_id=unwanted.payment_id)
    except NotRefundable as error:
        raise_alarm(
            Alarm.CHARGE_NOT_GIVEN_BACK,
            payment_id=unwanted.payment_id,
            because=unwanted.because,
            error=type(error).__name__,
        )
