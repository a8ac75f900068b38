"""What the provider says about the shop itself, and the subscriptions of OAuth applications."""

from typing import Any
from urllib.parse import urlsplit

from billing_service.sandbox import fields
from billing_service.sandbox.errors import Refused, not_found
from billing_service.sandbox.fields import Body
from billing_service.sandbox.objects import Webhook, wire
from billing_service.sandbox.world import World

EVENTS = frozenset(
    {
        "payment.waiting_for_capture",
        "payment.succeeded",
        "payment.canceled",
        "refund.succeeded",
        "payment_method.active",
    }
)


def me(world: World) -> dict[str, Any]:
    """Does the key work, is this a test shop, are receipts needed."""
    shop = world.shop
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


def list_webhooks(world: World) -> dict[str, Any]:
    return {"type": "list", "items": [wire(hook) for hook in world.state.webhooks.values()]}


def add_webhook(world: World, body: Body) -> Webhook:
    """One for each event. Refuses an unknown event, a second one for it, and what is no web address."""
    event, url = body.get("event"), body.get("url")
    if not fields.is_one_of(event, EVENTS):
        raise fields.illegal("event")
    if not isinstance(url, str) or urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
        raise fields.illegal("url")
    if any(hook.event == event for hook in world.state.webhooks.values()):
        raise Refused("Webhook for this event already exists", parameter="event")
    hook = Webhook(id="wh-" + world.ids.uuid("webhook"), event=str(event), url=url)
    world.state.webhooks[hook.id] = hook
    return hook


def remove_webhook(world: World, webhook_id: str) -> dict[str, Any]:
    if world.state.webhooks.pop(webhook_id, None) is None:
        raise not_found("Webhook doesn't exist or access denied", parameter="webhook_id")
    return {}
