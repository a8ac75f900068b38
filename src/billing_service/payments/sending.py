"""Send a payment to the provider: intent committed before, outcome committed after, no connection held between.

The idempotence key is our row's id and the bytes are the stored ones, so whoever repeats this continues the same
payment. Only one sender at a time: the claim is a lease on the row, which ends by itself if the sender dies.
"""

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

import structlog

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.clock import get_now
from billing_service.kit.crypto import UnreadableSecret
from billing_service.observability.log_context import about_payment
from billing_service.observability.metrics import PAYMENTS, once_committed
from billing_service.payments import queries
from billing_service.payments.queries import Claim
from billing_service.payments.settlement import settle
from billing_service.payments.states import Report
from billing_service.subscriptions import service as subscriptions
from billing_service.web.dependencies import Services
from billing_service.yookassa.errors import OutcomeUnknown, Rejected, Unavailable, YookassaError

log = structlog.get_logger()

# The client gives up after 35 s, so a lease that old belongs to a sender that died.
LEASE = timedelta(seconds=45)
# The provider remembers a key for 24 h from the first request; later the same key would be a new charge.
REPEAT_FOR = timedelta(hours=20)


async def send(services: Services, payment_id: UUID) -> bool:
    """Post the payment, or post it again with the same key and bytes, and keep what the provider answered.

    False if it was not ours to send: another sender holds it, the provider has it already, it is too old, or it
    belongs to another shop, where the same key would start another payment.
    A definite refusal makes it FAILED, but only if no earlier request may have left with an unknown outcome. A refused
    key of ours (401) is no refusal of the payment: it stays open and is sent once the key works.
    """
    with about_payment(payment_id):
        return await _send(services, payment_id)


async def _send(services: Services, payment_id: UUID) -> bool:
    settings = services.settings
    async with services.db.begin() as session:
        claim = await queries.claim_sending(
            session,
            payment_id,
            shop_id=settings.shop_id,
            is_test=settings.shop_is_test,
            lease=LEASE,
            repeat_for=REPEAT_FOR,
        )
    if claim is None:
        return False
    try:
        body = services.vault.open(claim.sealed)
        seen = await services.yookassa.create_payment(body, idempotence_key=str(payment_id))
    except UnreadableSecret:
        async with services.db.begin() as session:
            await alarms.raise_once(session, Alarm.UNREADABLE_REQUEST, payment_id, payment_id=payment_id)
        await _release(services, payment_id, claim)
    except Rejected as error:
        await _release(services, payment_id, claim, refused_by=None if claim.was_in_doubt else error)
    except Unavailable as error:
        alarm_if_our_key_is_refused(payment_id, error)
        await _release(services, payment_id, claim)
    except OutcomeUnknown as error:
        alarm_if_our_key_is_refused(payment_id, error)
        await _release(services, payment_id, claim, in_doubt=True)
    else:
        async with services.db.begin() as session:
            await settle(session, payment_id, seen)
    return True


def alarm_if_our_key_is_refused(payment_id: UUID, error: YookassaError) -> None:
    """A rotated key shows as such, or as doubt when an earlier request may have left."""
    if error.status == HTTPStatus.UNAUTHORIZED:
        raise_alarm(Alarm.PROVIDER_REFUSES_OUR_KEY, payment_id=payment_id, error_id=error.error_id)


async def _release(
    services: Services,
    payment_id: UUID,
    claim: Claim,
    *,
    refused_by: Rejected | None = None,
    in_doubt: bool = False,
) -> None:
    """Give the lease back. If it is ours no longer, another sender goes on or the outcome is known: nothing to say."""
    async with services.db.begin() as session:
        await subscriptions.lock(session, await queries.get_user_id(session, payment_id))
        payment = await queries.lock_payment(session, payment_id)
        if payment.send_lease_until != claim.lease_until:
            return
        payment.send_lease_until = None
        payment.outcome_unknown = in_doubt or claim.was_in_doubt
        if refused_by is None:
            log.warning("payment.left_open", payment_id=payment_id, in_doubt=payment.outcome_unknown)
            return
        payment.provider_error_id = refused_by.error_id
        payment.provider_error_code = refused_by.code
        payment.move(Report.REFUSED, await get_now(session))
        once_committed(session, PAYMENTS.labels(payment.status, payment.purpose).inc)
        log.error(
            "payment.refused_by_provider",
            payment_id=payment_id,
            status=refused_by.status,
            error_id=refused_by.error_id,
            error_code=refused_by.code,
            parameter=refused_by.parameter,
        )
