"""Takes notifications to the shop, and again when it did not answer 200, for a day."""

import json
from datetime import datetime, timedelta
from typing import Literal

from billing_service.sandbox.delivery.outgoing import Outgoing
from billing_service.sandbox.model.errors import ImpossibleMove
from billing_service.sandbox.model.faults import Fault
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.state import Attempt, Notification


class NotificationSender:
    """Sends one notification at a time, oldest first: order is worth more to a test than speed."""

    def __init__(self, yookassa: Yookassa, outgoing: Outgoing, retry_scale: float) -> None:
        self._yookassa = yookassa
        self._outgoing = outgoing
        self._retry_scale = retry_scale

    def next_attempt(self) -> datetime | None:
        """When the next notification is to be sent; None when there is none."""
        return None if (first := self._first()) is None else _moment(first)

    def _first(self) -> Notification | None:
        return min(self._yookassa.due, key=lambda n: (_moment(n), n.number), default=None)

    async def deliver_due(self) -> bool:
        """Attempt everything whose time has come, what becomes due meanwhile included; whether there was any."""
        attempted = False
        while (first := self._first()) is not None and _moment(first) <= self._yookassa.now:
            await self._deliver(first)
            attempted = True
        return attempted

    async def _deliver(self, notification: Notification) -> None:
        body = json.dumps(notification.body, ensure_ascii=False).encode()
        outcome = await self._outgoing.post(notification.url or "", body)
        now = self._yookassa.now
        notification.attempts.append(Attempt(at=now, outcome=outcome))
        if outcome == "200":
            self._close(notification, "delivered")
        else:
            self._try_later(notification)
        self._let_overtaken_go(notification)

    def _try_later(self, notification: Notification) -> None:
        moments = (
            notification.happened_at + timedelta(seconds=offset * self._retry_scale)
            for offset in self._yookassa.shop.retry_offsets
        )
        notification.next_at = next((at for at in moments if at > self._yookassa.now), None)
        if notification.next_at is None:
            self._close(notification, "given_up")

    def _close(self, notification: Notification, state: Literal["delivered", "given_up"]) -> None:
        notification.state, notification.next_at = state, None
        self._yookassa.due[:] = [waiting for waiting in self._yookassa.due if waiting is not notification]

    def _let_overtaken_go(self, sent: Notification) -> None:
        """A reordered notification follows the first later one that was sent before it."""
        for waiting in self._yookassa.due:
            if waiting.fault == Fault.REORDER and not waiting.attempts and waiting.number < sent.number:
                waiting.next_at = self._yookassa.now

    def resend(self, notification: Notification) -> None:
        """Due again at once, whatever became of it. Raises ImpossibleMove without an address."""
        notification.url = notification.url or self._yookassa.shop.notify_url
        if notification.url is None:
            raise ImpossibleMove("the shop has no notification URL")
        if notification.state != "due":
            self._yookassa.due.append(notification)
        notification.state, notification.next_at = "due", self._yookassa.now


def _moment(notification: Notification) -> datetime:
    return notification.next_at or notification.happened_at
