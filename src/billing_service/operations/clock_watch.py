"""What a clock that was wrong for a while leaves behind: brought right each minute, with an alarm that names the jump.

The database's clock is the only one the rules read (`kit/clock`). If it was ahead, schedules, retries and questions
sleep for as long, and paid days begin in the future; if it was behind, paid days began before they were paid.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from billing_service.kit import jobs
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.clock import Strays
from billing_service.kit.db import is_unavailable
from billing_service.kit.transaction import Transaction
from billing_service.payment_methods.calls import BINDINGS
from billing_service.payments import service as payments
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls import stored_instants
from billing_service.provider_calls.kinds import Kind
from billing_service.refunds.calls import REFUNDS
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.web.errors.requests import UserMoved
from billing_service.webhooks import queries as webhooks

log = structlog.get_logger()

EVERY_SECONDS = 60
KINDS: Sequence[Kind[Any, Any]] = (PAYMENTS, REFUNDS, BINDINGS)

# Name of a schedule -> how long it may sleep from now on.
Waits = Callable[[], Mapping[str, timedelta]]


@asynccontextmanager
async def watching(
    services: Services, waits: Waits, *, every_seconds: float = EVERY_SECONDS
) -> AsyncIterator[None]:
    """Look at once, and then each minute, as long as the block lasts: by our own count of time, not by a schedule, for
    those may be what sleeps. Raises the database's error of the first look."""
    await look(services, waits())
    watch = asyncio.create_task(_look_on(services, waits, every_seconds))
    try:
        yield
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _look_on(services: Services, waits: Waits, every_seconds: float) -> None:
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await look(services, waits())
        except Exception as error:
            if not is_unavailable(error):
                log.exception("clock.look_failed")
                continue
            log.warning("clock.look_missed", error=type(error).__name__)


async def look(services: Services, waits: Mapping[str, timedelta]) -> None:
    """Bring back what no rule can have asked for, and lay anew what begins where nothing ends. Safe to repeat."""
    strays = await _bring_back(services, waits)
    found = sum(stray.found for stray in strays)
    if found:
        furthest = max(stray.ahead for stray in strays if stray.ahead is not None)
        raise_alarm(Alarm.CLOCK_SKEW, found=found, ahead_seconds=round(furthest.total_seconds()))
    async with services.statements.transaction() as tx:
        adrift = await subscriptions.list_adrift(tx)
    for period in adrift:
        await _lay_anew(services, period.user_id, period.period_id)


async def give_back_lost_time(services: Services) -> None:
    """Lay periods anew that began before they were paid, because our clock was behind. Safe to repeat."""
    async with services.statements.transaction() as tx:
        early = await payments.list_begun_early(tx)
    for period in early:
        await _lay_anew(services, period.user_id, period.period_id, period.paid_at)


async def _bring_back(services: Services, waits: Mapping[str, timedelta]) -> list[Strays]:
    """Each kind of thing by itself: none waits for another's locks."""
    async with services.statements.transaction() as tx:
        woken = list(await jobs.bring_back(tx, waits))
    for kind in KINDS:
        async with services.statements.transaction() as tx:
            woken.append(await stored_instants.bring_back(tx, kind))
    async with services.statements.transaction() as tx:
        woken.append(await webhooks.bring_back(tx))
    return woken


async def _lay_anew(
    services: Services, user_id: int, period_id: int, not_before: datetime | None = None
) -> None:
    async def lay(tx: Transaction) -> None:
        await subscriptions.lock(tx, user_id)
        by = await subscriptions.lay_anew(tx, user_id=user_id, period_id=period_id, not_before=not_before)
        if by:
            tx.once_committed(
                partial(
                    raise_alarm,
                    Alarm.PERIOD_MOVED,
                    user_id=user_id,
                    period_id=period_id,
                    by_seconds=round(by.total_seconds()),
                )
            )

    # Of one who has become another number meanwhile the next look lays it.
    with suppress(UserMoved):
        await services.statements.turns.take(user_id, lay)
