"""What the service tells: is it genuine, and is it no copy of what was taken before?"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

# The library refuses what was signed longer ago than five minutes, or is dated as much ahead.
REMEMBERED = 2 * 5 * 60


class ForgedEvent(Exception):
    """Not signed with our secret, changed on its way, or too old. Answer 401."""


class ReplayedEvent(ForgedEvent):
    """A copy, to the byte, of a delivery that was taken before. Answer 401."""


class EventReceiver:
    """Verifies deliveries; `secrets` are those of `EVENTS_SECRETS`, two of them while they are changed.

    Each try of the service is signed anew, so a copy to the byte is somebody else's. `remember(delivery, seconds)` must
    answer False if it remembers it already; with several processes it must be shared, like `cache.add` of Django.
    Beside that take each `id` once, in the transaction that stores it: the tries of one event have the same.
    """

    def __init__(self, secrets: Sequence[str], *, remember: Callable[[str, int], bool] | None = None) -> None:
        self._webhooks = [Webhook(secret) for secret in secrets]
        self._remember = remember or _Memory()

    def verify(self, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        """The event of a delivery: the raw body and its headers. Raises `ForgedEvent` or `ReplayedEvent`."""
        given = {name.lower(): value for name, value in headers.items()}
        event = self._verified(body, given)
        if not self._remember(f"{given['webhook-id']}.{given['webhook-timestamp']}", REMEMBERED):
            raise ReplayedEvent("this delivery was taken before")
        return event

    def _verified(self, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        for webhook in self._webhooks:
            try:
                event = webhook.verify(body, dict(headers))
            except (WebhookVerificationError, ValueError):  # a malformed header is a ValueError
                continue
            if isinstance(event, dict) and event.get("id") == headers["webhook-id"]:
                return event
        raise ForgedEvent("no secret of ours has signed this delivery in the last five minutes")


class _Memory:
    """For one process."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def __call__(self, signature: str, seconds: int) -> bool:
        now = time.monotonic()
        self._until = {one: until for one, until in self._until.items() if until > now}
        if signature in self._until:
            return False
        self._until[signature] = now + seconds
        return True
