"""Write a notification down once, redacted, with the job that will look; then it may be answered."""

from typing import Any

import structlog

from billing_service.observability.metrics import IGNORED_NOTIFICATIONS, NOTIFICATIONS
from billing_service.payment_methods import service as payment_methods
from billing_service.provider_calls.known import claim
from billing_service.services import Services
from billing_service.web.errors.requests import InvalidPayload
from billing_service.webhooks import inbox_queries
from billing_service.webhooks.events import BINDING, IGNORED_WORDS, USED, event_of
from billing_service.webhooks.redaction import redact

log = structlog.get_logger()


async def take_in(services: Services, notification: object, *, client_ip: str, trace_id: str) -> None:
    """Keep the notification and enqueue a look at the provider, in one statement.

    An event that we do not use is counted by its word, and that is all. Raises `InvalidPayload` for what is no
    notification, and for one that we use but whose object we cannot name: we would never learn what it was about, and
    the provider, which repeats for a day what gets no 200, gives us that day to mend it.

    A repeat writes no second row but looks again, unless our payment already says the same: a forged or early copy
    must not shadow the genuine one. While the row's job waits or runs, that one will see the copy.
    """
    event = event_of(notification)
    if event not in USED or not (services.settings.billing_recurring_enabled or USED[event] is not BINDING):
        _ignore(event)
        return
    kind, kept = USED[event].kind, _readable(notification, event)
    if USED[event] is BINDING:
        kept = await _without_method_id(services, kept)
    thing = kept["object"]
    taken = await inbox_queries.take_in(
        services.statements,
        kind,
        object_id=thing["id"],
        claimed=claim(str(thing.get("status", ""))),
        row=_row(kept) | {"client_ip": client_ip, "trace_id": trace_id},
    )
    NOTIFICATIONS.labels("known" if taken.settled else "look").inc()
    ids = {f"{kind.name}_id": taken.known_as, kind.provider_id: thing["id"]}
    log.info("webhook.received", event_type=event, log_id=taken.log_id, look=not taken.settled, **ids)


async def _without_method_id(services: Services, kept: dict[str, Any]) -> dict[str, Any]:
    """By the id of a method it can be charged: what is stored for it in our rows is written down in its place."""
    thing = kept["object"]
    return kept | {"object": thing | {"id": await payment_methods.find_digest(services, thing["id"])}}


def _ignore(event: str) -> None:
    word = IGNORED_WORDS.label_for(event)
    NOTIFICATIONS.labels("ignored").inc()
    IGNORED_NOTIFICATIONS.labels(word).inc()
    log.info("webhook.ignored", event_type=word)


def _readable(notification: object, event: str) -> dict[str, Any]:
    try:
        return redact(notification)
    except InvalidPayload:
        NOTIFICATIONS.labels("unreadable").inc()
        log.warning("webhook.left_unread", event_type=event)
        raise


def _row(kept: dict[str, Any]) -> dict[str, Any]:
    event, thing = kept["event"], kept["object"]
    return {
        "event_id": f"{event}:{thing['id']}:{thing.get('status', '')}",
        "event_type": event,
        "payment_id": thing.get("payment_id", thing["id"]),
        "raw_payload": kept,
    }
