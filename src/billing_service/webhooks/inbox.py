"""Write a notification down once, redacted, with the job that will look; then it may be answered."""

from typing import Any

import structlog

from billing_service.kit.jobs import enqueue
from billing_service.observability.metrics import NOTIFICATIONS
from billing_service.payments import service as payments
from billing_service.web.dependencies import Services
from billing_service.webhooks import queries
from billing_service.webhooks.redaction import redact

log = structlog.get_logger()

LOOK = "webhook.look"
EVENTS = frozenset({"payment.succeeded", "payment.canceled", "payment.waiting_for_capture"})


async def take_in(services: Services, notification: object, *, client_ip: str, trace_id: str) -> None:
    """Keep the notification and enqueue a look at the provider, in one transaction. Raises `InvalidPayload`.

    A repeat writes no second row but looks again, unless our payment already says the same: a forged or early copy
    must not shadow the genuine one. The dedupe key carries the number of looks already finished, so a copy that
    arrives while a look is ending is never lost to it.
    """
    kept = redact(notification)
    event, thing = kept["event"], kept["object"]
    if event not in EVENTS:
        NOTIFICATIONS.labels("ignored").inc()
        log.info("webhook.ignored", event_type=event)
        return
    status = str(thing.get("status", ""))
    async with services.db.begin() as session:
        log_id, looks = await queries.upsert_notification(
            session, **_row(kept), client_ip=client_ip, trace_id=trace_id
        )
        settled = await payments.is_settled_as(session, thing["id"], status)
        if settled:
            await queries.close_logs(session, [log_id])
        else:
            await enqueue(session, LOOK, str(log_id).encode(), dedupe_key=f"{LOOK}:{log_id}:{looks}")
    NOTIFICATIONS.labels("known" if settled else "look").inc()
    log.info(
        "webhook.received", event_type=event, yookassa_payment_id=thing["id"], log_id=log_id, look=not settled
    )


def _row(kept: dict[str, Any]) -> dict[str, Any]:
    event, thing = kept["event"], kept["object"]
    return {
        "event_id": f"{event}:{thing['id']}:{thing.get('status', '')}",
        "event_type": event,
        "payment_id": thing["id"],
        "raw_payload": kept,
    }
