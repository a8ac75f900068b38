"""The pretend provider itself: what it remembers, its clock, its ids; the first argument of every story."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta

from billing_service.sandbox.model.clock import Clock, real_time
from billing_service.sandbox.model.ids import Ids
from billing_service.sandbox.model.objects import Recipient
from billing_service.sandbox.model.shop import Shop
from billing_service.sandbox.model.state import State, Timer


class Yookassa:
    """Stories change it in one go, without waiting for anything, so that none sees another's half."""

    def __init__(
        self,
        state: State,
        *,
        base_url: str,
        real: Callable[[], datetime] = real_time,
        clock_is_shared: bool = False,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.clock_is_shared = clock_is_shared
        self._real = real
        self._notify_url = state.shop.notify_url
        self._live_in(state)

    def _live_in(self, state: State) -> None:
        self.state = state
        self.clock = Clock(state.dial, self._real)
        self.ids = Ids(state.seed, state.minted)
        self.due = [notification for notification in state.notifications if notification.state == "due"]

    def reset(self) -> None:
        """As at the first start: same seed, same notification URL, nothing else remembered.

        But a clock that others share goes on: theirs would not follow it back.
        """
        now = self.now
        self._live_in(State(seed=self.state.seed, shop=Shop(notify_url=self._notify_url)))
        if self.clock_is_shared:
            self.clock.turn_to(now)

    @property
    def shop(self) -> Shop:
        return self.state.shop

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def recipient(self, gateway_id: str | None = None) -> Recipient:
        """Who gets the money: the shop, through the gateway it named or its first one."""
        return Recipient(account_id=self.shop.account_id, gateway_id=gateway_id or self.shop.gateway_id)

    def schedule(self, kind: str, object_id: str, wait: timedelta) -> datetime:
        """Let this happen by itself after the wait; the returned time is when."""
        at = self.now + wait
        timer = Timer(at=at, number=self.ids.count("timer"), kind=kind, object_id=object_id)
        heapq.heappush(self.state.timers, timer)
        return at

    def next_timer(self) -> datetime | None:
        return self.state.timers[0].at if self.state.timers else None

    def timer_run_out(self) -> Timer | None:
        """The earliest timer whose time has come, taken off the list."""
        if self.state.timers and self.state.timers[0].at <= self.now:
            return heapq.heappop(self.state.timers)
        return None
