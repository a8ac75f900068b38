"""Lets time pass: what is due happens in its order and at its moment, whether time runs or is turned."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from billing_service.sandbox.delivery.sender import NotificationSender
from billing_service.sandbox.model.errors import ImpossibleMove
from billing_service.sandbox.model.ids import END, EPOCH
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.money import methods, receipts, refunds, settling

# Timer kind -> what happens by itself.
HAPPENINGS: dict[str, Callable[[Yookassa, str], None]] = {
    "confirmation_closes": settling.close_confirmation,
    "outcome_arrives": settling.bring_outcome,
    "hold_ends": settling.end_hold,
    "refunds_close": settling.close_refunds,
    "binding_closes": methods.close_binding,
    "refund_settles": refunds.bring_outcome,
    "receipt_registers": receipts.register,
}


def settle_due(yookassa: Yookassa) -> bool:
    """Let every timer that has run out happen, earliest first; whether there was any."""
    happened = False
    while (timer := yookassa.timer_run_out()) is not None:
        HAPPENINGS[timer.kind](yookassa, timer.object_id)
        happened = True
    return happened


class Scheduler:
    """One walker through time: either the background task, a turned clock, or a caller that waits."""

    def __init__(self, yookassa: Yookassa, sender: NotificationSender, changed: Callable[[], None]) -> None:
        self._yookassa = yookassa
        self._sender = sender
        self._changed = changed
        self._walking = asyncio.Lock()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def catch_up(self) -> None:
        """Everything due now has happened, and every notification due has been attempted."""
        async with self._walking:
            await self._happen()

    async def turn_to(self, moment: datetime) -> None:
        """Turn the clock: forward it stops wherever something happens, back nothing happens.

        Raises ImpossibleMove for a time that the provider's ids cannot hold.
        """
        if not EPOCH <= moment < END:
            raise ImpossibleMove(f"the clock goes from {EPOCH.year} to {END.year}")
        async with self._walking:
            if moment < self._yookassa.now:
                self._yookassa.clock.turn_to(moment)
            while (stop := self._next_stop()) is not None and stop <= moment:
                self._yookassa.clock.turn_to(max(stop, self._yookassa.now))
                await self._happen()
            self._yookassa.clock.turn_to(max(moment, self._yookassa.now))
            self._changed()
        self.poke()

    async def advance(self, by: timedelta) -> None:
        """Turn the clock forward from what it shows."""
        await self.turn_to(self._yookassa.now + by)

    async def _happen(self) -> None:
        happened = settle_due(self._yookassa)
        if await self._sender.deliver_due() or happened:
            self._changed()

    def _next_stop(self) -> datetime | None:
        moments = (self._yookassa.next_timer(), self._sender.next_attempt())
        return min((moment for moment in moments if moment is not None), default=None)

    def poke(self) -> None:
        """Something new may be due, or the clock was turned: look again."""
        self._wake.set()

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="sandbox-scheduler")

    async def stop(self) -> None:
        """Leave no task behind; an attempt under way is given up and made again by the next start."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            await self.catch_up()
            # Not `wait_for`, which before Python 3.12 may lose a cancellation that comes with the wake.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._wake.wait()

    def _pause(self) -> float | None:
        stop = self._next_stop()
        if stop is None or self._yookassa.clock.frozen:
            return None
        return max(0.0, (stop - self._yookassa.now).total_seconds())
