"""The main backend's side of events: believe what is signed, take each event once, keep the newest for the page."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from billing_service.demo.wording import event_title, moscow_day, moscow_time, roubles

log = structlog.get_logger()

Json = dict[str, Any]
# So many are kept, of all users together; a demo forgets what is older, and everything when it ends.
KEPT = 200
SHOWN = 12


class NotBelieved(Exception):
    """The signature is missing, too old or of another secret."""


class Inbox:
    """What arrived, the newest first."""

    def __init__(self, secrets: Sequence[SecretStr]) -> None:
        self._verifiers = [Webhook(secret.get_secret_value()) for secret in secrets]
        self._arrived: deque[Json] = deque(maxlen=KEPT)

    def take_in(self, body: bytes, headers: Mapping[str, str]) -> Json:
        """Keep it, once however often it comes; the event. Raises `NotBelieved`."""
        event = self._believed(body, dict(headers))
        if all(known["id"] != event["id"] for known in self._arrived):
            self._arrived.appendleft(event)
            log.info("demo.event_received", event_type=event["type"], user_id=event["user_id"])
        return event

    def _believed(self, body: bytes, headers: dict[str, str]) -> Json:
        for verifier in self._verifiers:
            try:
                event: Json = verifier.verify(body, headers)
            except (WebhookVerificationError, ValueError):
                continue
            return event
        raise NotBelieved

    def shown_to(self, user_id: int) -> list[dict[str, str]]:
        """The newest of this user's, and what concerns nobody in particular, as the page shows them."""
        own = [event for event in self._arrived if event["user_id"] in {user_id, None}]
        return [
            {
                "type": event["type"],
                "title": event_title(event["type"]),
                "note": _note(event),
                "at": moscow_time(event["occurred_at"]),
            }
            for event in own[:SHOWN]
        ]


def _note(event: Json) -> str:
    """What it says beside its kind, in a few words."""
    data, state = event["data"], event.get("state", {})
    if event["type"].startswith("payment."):
        return roubles(data["amount"])
    if event["type"] == "billing.weekly_digest":
        return roubles(data["amount"])
    if "text" in data:
        return str(data["text"])
    if event["type"] == "billing.alarm":
        return str(data["alarm"])
    until = state.get("access_until")
    if event["type"] == "subscription.ended" or not until:
        return ""
    return f"PRO до {moscow_day(until)}"
