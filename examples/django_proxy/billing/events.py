"""What the billing service tells."""

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.models import BillingEvent, BillingState, Message
from eatfit24_billing import EventReceiver, ForgedEvent

logger = logging.getLogger(__name__)
receiver = EventReceiver(
    settings.BILLING_EVENTS_SECRETS,
    remember=lambda delivery, seconds: cache.add(f"billing-event:{delivery}", 1, seconds),
)


@csrf_exempt
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """Answers 2xx once the event and what was made of it are stored together; it is sent again until then."""
    try:
        event = receiver.verify(request.body, request.headers)
    except ForgedEvent as error:
        logger.warning("billing.event_refused", extra={"reason": str(error)})
        return HttpResponse(status=401)
    known = BillingEvent.objects.filter(id=event["id"]).first()
    # Before the transaction, since it asks somebody else: dying in between tells twice, never not at all.
    told_at = known.told_at if known else tell_user(event)
    if known is None:
        with transaction.atomic():
            keep(event, told_at)
    if told_at is None:
        return HttpResponse(status=204)
    # A renewal is charged only after such a word about its notice.
    return JsonResponse({"delivered": {"channel": "telegram", "at": told_at.isoformat()}})


def keep(event: dict[str, Any], told_at: datetime | None) -> None:
    """The event, and the state with the highest number: order and repeats do not matter then."""
    facts = {
        "type": event["type"],
        "user_id": event["user_id"],
        "feed_no": event["feed_no"],
        "told_at": told_at,
    }
    _, is_new = BillingEvent.objects.get_or_create(id=event["id"], defaults=facts)
    if is_new and "state" in event:
        keep_newest(event)


def keep_newest(event: dict[str, Any]) -> None:
    newest = {"user_seq": event["user_seq"], "state": event["state"]}
    _, is_new = BillingState.objects.get_or_create(user_id=event["user_id"], defaults=newest)
    if not is_new:
        BillingState.objects.filter(user_id=event["user_id"], user_seq__lt=event["user_seq"]).update(**newest)


def tell_user(event: dict[str, Any]) -> datetime | None:
    """When it was, if the event is for him. A real backend asks Telegram here, and waits for its word."""
    if event["type"] != "subscription.renewal_upcoming":
        return None
    notice = event["data"]
    Message.objects.create(user_id=event["user_id"], text=f"{notice['text']}. {notice['how_to_cancel']}")
    return timezone.now()
