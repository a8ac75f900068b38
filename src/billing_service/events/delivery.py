"""Bring the events to the main backend: each user's one after the other, and nobody's because of another one's.

No connection to the database is held while the receiver answers, or does not.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import structlog

from billing_service.events import queries
from billing_service.events.payloads import payload
from billing_service.events.queries import FIRST_TRIES, FURTHER_TRIES, REPLAYS, Claimed
from billing_service.events.retries import GIVE_UP_AFTER, LONGEST_PAUSE, pause_after
from billing_service.events.sender import TIMEOUT_SECONDS, Answer, Outcome, Sender
from billing_service.kit.alarms import Alarm, announce
from billing_service.kit.db import is_unavailable
from billing_service.observability.metrics import DELIVERIES
from billing_service.services import Services

log = structlog.get_logger()

# A post takes 10 s at most, and its outcome is written down at once; a lease that old belongs to somebody who died.
LEASE = timedelta(seconds=3 * TIMEOUT_SECONDS)
AT_ONCE = 1000
IDLE_SECONDS, AFTER_A_FAILURE_SECONDS = 1, 5


class Delivery:
    """What one process does of it; any number of processes share the work. Without a sender it only numbers."""

    def __init__(self, services: Services, sender: Sender | None) -> None:
        self._services = services
        self._sender = sender
        self._posts: set[asyncio.Task[None]] = set()

    async def look(self) -> bool:
        """Number what is committed, and begin to post what is due, as far as places are free. True if there may be
        more at once. Raises the database's errors."""
        due = await queries.look(
            self._services.statements, lease=LEASE, longest_pause=LONGEST_PAUSE, limit=AT_ONCE
        )
        claimed = await self._claim() if self._sender and (due.waits or due.published) else []
        for one in claimed:
            post = asyncio.create_task(self._post(one))
            self._posts.add(post)
            post.add_done_callback(self._posts.discard)
        return bool(claimed) or due.published == AT_ONCE

    async def _claim(self) -> Sequence[Claimed]:
        """First tries may take every place; what failed before, or is asked for again, half of them: however long the
        receiver takes for some users, there is a place for the others."""
        most = self._services.settings.events_in_flight
        bounds = {"lease": LEASE, "longest_pause": LONGEST_PAUSE}
        async with self._services.statements.transaction() as tx:
            places = await queries.lock_places(tx, lease=LEASE)
            if places is None:
                return []
            free = most - places.taken
            claimed = list(await queries.claim(tx, FIRST_TRIES, limit=free, **bounds))
            left = min(free - len(claimed), max(most // 2, 1) - places.again)
            for statement in (FURTHER_TRIES, REPLAYS):
                again = await queries.claim(tx, statement, limit=left, **bounds)
                left -= len(again)
                claimed += again
        return claimed

    async def _post(self, claimed: Claimed) -> None:
        assert self._sender is not None  # noqa: S101 (nothing is claimed without one)
        answer = await self._sender.post(payload(claimed.event))
        if answer.outcome is Outcome.FAILED and claimed.tried_for > GIVE_UP_AFTER:
            answer = Answer(Outcome.DEAD, because=answer.because)
        try:
            await self._write_down(claimed, answer)
        except Exception as error:
            if not is_unavailable(error):
                raise
            # Its lease ends by itself, and the event is sent once more.
            log.warning("event.outcome_not_written", event_id=claimed.event["id"], error=type(error).__name__)

    async def _write_down(self, claimed: Claimed, answer: Answer) -> None:
        statements = self._services.statements
        if answer.outcome is Outcome.FAILED:
            await queries.postpone(statements, claimed, pause_after(claimed.attempt))
        else:
            await queries.conclude(statements, claimed, answer.outcome, answer.told)
        _tell(claimed, answer)

    async def settled(self, seconds: float | None = None) -> bool:
        """Wait for a post to end, for `seconds` at most; False if none is on its way."""
        if not self._posts:
            return False
        ended, _ = await asyncio.wait(self._posts, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for post in ended:
            if error := post.exception():
                log.error("event.delivery_failed", exc_info=error)
        return True

    async def run(self) -> None:
        """Look on and on; whatever happens to the database is waited for."""
        while True:
            try:
                more = await self.look()
            except Exception as error:  # noqa: BLE001 (nobody else would deliver)
                await _pause_after(error)
                continue
            if not more and not await self.settled(IDLE_SECONDS):
                await asyncio.sleep(IDLE_SECONDS)

    async def drain(self) -> None:
        """Let end what is on its way."""
        with suppress(TimeoutError):
            async with asyncio.timeout(TIMEOUT_SECONDS + 2):
                while await self.settled():
                    pass
        for post in self._posts:
            post.cancel()
        await asyncio.gather(*self._posts, return_exceptions=True)


async def _pause_after(error: Exception) -> None:
    if is_unavailable(error):
        log.warning("event.look_missed", error=type(error).__name__)
    else:
        log.error("event.look_failed", exc_info=error)
    await asyncio.sleep(AFTER_A_FAILURE_SECONDS)


def _tell(claimed: Claimed, answer: Answer) -> None:
    DELIVERIES.labels(answer.outcome).inc()
    facts = {
        "event_id": claimed.event["id"],
        "event_type": claimed.event["kind"],
        "user_id": claimed.event["user_id"],
        "attempt": claimed.attempt,
    }
    if answer.outcome is Outcome.DEAD:
        # Not told by an event: it is the receiver of events that does not answer.
        announce(Alarm.EVENT_NOT_DELIVERED, because=answer.because, **facts)
    elif answer.outcome is Outcome.FAILED:
        log.warning("event.not_delivered", because=answer.because, **facts)
    else:
        log.info("event.delivered" if answer.outcome is Outcome.DELIVERED else "event.unwanted", **facts)


@asynccontextmanager
async def delivering(services: Services) -> AsyncIterator[None]:
    """Deliver as long as the block lasts, and let end what is on its way then."""
    sender = Sender.of(services.settings)
    delivery = Delivery(services, sender)
    running = asyncio.create_task(delivery.run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        await delivery.drain()
        if sender:
            await sender.aclose()
