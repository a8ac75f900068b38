"""A way out that ends: who is asked to stop gets its time, and then none of its waits gets more than half a second."""

import asyncio
from collections.abc import Coroutine
from typing import Any

# There are up to thirteen of them where a database is frozen: seven seconds in all, within what an operator waits.
LAST_WAITS_SECONDS = 0.5


async def run_with_grace(
    work: Coroutine[Any, Any, None], stop: asyncio.Event, *, grace_seconds: float
) -> bool:
    """Run what ends by itself after `stop` is set, and `grace_seconds` later cancel it until it has ended.

    Once is not enough: on the way out of a canceled block another wait begins, for a pool that closes, a row that is
    taken back, a buffer that is written. Answers whether it ended by itself. Raises what `work` raises.
    """
    working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({working}, timeout=grace_seconds)
        if working.done():
            working.result()
            return True
    finally:
        stopping.cancel()
        await _cancel_until_it_ended(working)
    return False


async def _cancel_until_it_ended(task: "asyncio.Future[None]") -> None:
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=LAST_WAITS_SECONDS)
    # Whatever it says now comes from being torn off.
    _ = task.cancelled() or task.exception()
