"""How a worker hears of new jobs at once: by a connection that listens, and another one whenever that is lost."""

import asyncio

import asyncpg
import structlog
from pgqueuer import AsyncpgPoolDriver
from pgqueuer.ports.driver import NotifyCallback

from billing_service.kit.db import is_unavailable

log = structlog.get_logger()

AGAIN_AFTER_SECONDS = 1


class HearingDriver(AsyncpgPoolDriver):
    """The library's driver, which listens again when the connection that listened is gone.

    (By itself it never knows: a worker whose questions found the database again, after a failover, went on deaf, and
    found each job by looking, up to a second late.)
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        super().__init__(pool)
        self._heard: set[tuple[str, NotifyCallback]] = set()
        self._again: asyncio.Task[None] | None = None

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        await super().add_listener(channel, callback)
        self._heard.add((channel, callback))
        if self._listener_connection:
            self._listener_connection.add_termination_listener(self._lost)

    async def __aexit__(self, *raised: object) -> None:
        """What listened is given back, ended or not.

        (The library resets it first. If it has ended meanwhile, that raises, nobody gives it back, and closing the pool
        waits for it for ever: so a worker did nothing more after a second without connections.)
        """
        try:
            await super().__aexit__(*raised)
        finally:
            if not self._entered:
                await self._give_back()

    async def _give_back(self) -> None:
        async with self._lock:
            listened, self._listener_connection = self._listener_connection, None
            if listened:
                await self._pool.release(listened)

    def _lost(self, _connection: object) -> None:
        if self._entered and (self._again is None or self._again.done()):
            self._again = asyncio.create_task(self._listen_again())

    async def _listen_again(self) -> None:
        while self._entered:
            await self._give_back()
            try:
                for channel, callback in [*self._heard]:
                    await self.add_listener(channel, callback)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                await asyncio.sleep(AGAIN_AFTER_SECONDS)
            else:
                log.info("worker.listening_restored")
                return
