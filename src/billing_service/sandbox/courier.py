"""Takes notifications to the shop, and again when it did not answer 200, for a day."""

import json
from datetime import timedelta

from billing_service.sandbox.errors import ImpossibleMove
from billing_service.sandbox.faults import Fault
from billing_service.sandbox.outgoing import Outgoing
from billing_service.sandbox.state import Attempt, Notification
from billing_service.sandbox.world import World

# Seconds after the event at which an undelivered notification is sent again.
RETRY_OFFSETS = (10, 42, 84, 168, 672, 5376, 86016)


class Courier:
    """Sends one notification at a time, oldest first: order is worth more to a test than speed."""

    def __init__(self, world: World, outgoing: Outgoing, retry_scale: float) -> None:
        self._world = world
        self._outgoing = outgoing
        self._retry_scale = retry_scale

    def due(self) -> list[Notification]:
        waiting = [n for n in self._world.state.notifications if n.state == "due"]
        return sorted(waiting, key=lambda n: (n.next_at or n.happened_at, n.number))

    async def deliver_due(self) -> None:
        """Attempt everything whose time has come, what becomes due meanwhile included."""
        while (waiting := self.due()) and (waiting[0].next_at or self._world.now) <= self._world.now:
            await self._deliver(waiting[0])

    async def _deliver(self, notification: Notification) -> None:
        body = json.dumps(notification.body, ensure_ascii=False).encode()
        outcome = await self._outgoing.post(notification.url or "", body)
        now = self._world.now
        notification.attempts.append(Attempt(at=now, outcome=outcome))
        if outcome == "200":
            notification.state, notification.next_at = "delivered", None
        else:
            self._try_later(notification)
        self._let_overtaken_go(notification)

    def _try_later(self, notification: Notification) -> None:
        moments = (
            notification.happened_at + timedelta(seconds=offset * self._retry_scale)
            for offset in RETRY_OFFSETS
        )
        notification.next_at = next((at for at in moments if at > self._world.now), None)
        if notification.next_at is None:
            notification.state = "given_up"

    def _let_overtaken_go(self, sent: Notification) -> None:
        """A reordered notification follows the first later one that was sent before it."""
        for waiting in self.due():
            if waiting.fault is Fault.REORDER and not waiting.attempts and waiting.number < sent.number:
                waiting.next_at = self._world.now

    def resend(self, notification: Notification) -> None:
        """Due again at once, whatever became of it. Raises ImpossibleMove without an address."""
        notification.url = notification.url or self._world.shop.notify_url
        if notification.url is None:
            raise ImpossibleMove("the shop has no notification URL")
        notification.state, notification.next_at = "due", self._world.now
