"""What the provider says about the shop itself, and the subscriptions of OAuth applications."""

from typing import Any
from urllib.parse import urlsplit

from billing_service.sandbox.model.errors import Refused, not_found
from billing_service.sandbox.model.objects import Webhook, wire
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.requests import fields
from billing_service.sandbox.requests.fields import Body

EVENTS = frozenset(
    {
        "payment.waiting_for_capture",
        "payment.succeeded",
        "payment.canceled",
        "refund.succeeded",
        "payment_method.active",
    }
)


def me(yookassa: Yookassa) -> dict[str, Any]:
    """Does the key work, is this a test shop, are receipts needed."""
    shop = yookassa.shop
    answer: dict[str, Any] = {
        "account_id": shop.account_id,
        "test": shop.test,
        "status": "enabled",
        "fiscalization_enabled": shop.fiscalization,
        "payment_methods": ["bank_card", "yoo_money"] if shop.test else ["bank_card", "yoo_money", "sbp"],
    }
    if shop.fiscalization:
        answer["fiscalization"] = {"enabled": True, "provider": shop.fiscalization_provider}
    return answer


def list_webhooks(yookassa: Yookassa) -> dict[str, Any]:
    return {"type": "list", "items": [wire(hook) for hook in yookassa.state.webhooks.values()]}


def add_webhook(yookassa: Yookassa, body: Body) -> Webhook:
    """One for each event. Refuses an unknown event, a second one for it, and what is no web address."""
    event, url = body.get("event"), body.get("url")
    if not fields.is_one_of(event, EVENTS):
        raise fields.illegal("event")
    if not isinstance(url, str) or urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise fields.illegal("url")
    if any(hook.event == event for hook in yookassa.state.webhooks.values()):
        raise Refused("Webhook for this event already exists", parameter="event")
    hook = Webhook(id="wh-" + yookassa.ids.uuid("webhook"), event=str(event), url=url)
    yookassa.state.webhooks[hook.id] = hook
    return hook


def remove_webhook(yookassa: Yookassa, webhook_id: str) -> dict[str, Any]:
    if yookassa.state.webhooks.pop(webhook_id, None) is None:
        raise not_found("Webhook doesn't exist or access denied", parameter="webhook_id")
    return {}
