"""Raise an alarm about a thing once, and again only when something about it has changed; and tell the owner of it."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

import structlog

from billing_service.alarms import queries
from billing_service.alarms.queries import Standing
from billing_service.events import service as events
from billing_service.kit.alarms import UNTOLD, Alarm, announce
from billing_service.kit.db import is_unavailable
from billing_service.kit.transaction import Transaction
from billing_service.kit.wire import json_of
from billing_service.services import Services

log = structlog.get_logger()

# New in every answer of the provider's: worth telling, but no change.
NEVER_THE_SAME = frozenset({"error_id"})
LOOK_SECONDS = 5
# What stands in place of a thing's id in the row of a condition, of which each kind has one.
CONDITION = "service"
# Some are looked for once an hour.
QUIET = timedelta(hours=2)
# What is longer is left to the log.
LONGEST_FACTS = 8000


async def raise_once(tx: Transaction, kind: Alarm, subject: object, **facts: object) -> None:
    """Tell the operators, once the caller's transaction is committed, unless they know these facts of this thing.

    Safe to call at every meeting. `subject` is the thing's id; `facts` are ids, amounts and states; never secrets,
    never card data. An alarm about a condition rather than a thing (a refused key, a broken rule) goes by
    `kit.alarms.raise_alarm` instead: it is told for as long as the condition lasts. The owner hears of it by the event
    that the alarm's row writes.
    """
    lasting = {name: fact for name, fact in facts.items() if name not in NEVER_THE_SAME}
    if await queries.upsert_alarm(tx, kind.value, str(subject), lasting):
        tx.once_committed(partial(announce, kind, **facts))


async def raise_first(tx: Transaction, kind: Alarm, subject: object, **facts: object) -> None:
    """The same for what is worth telling once and never again, such as a date that has come: later facts are left."""
    if await queries.insert_alarm_once(tx, kind.value, str(subject), facts):
        tx.once_committed(partial(announce, kind, **facts))


async def resolve(tx: Transaction, kinds: Collection[Alarm], about: Collection[str]) -> Sequence[str]:
    """A person has decided about these things, or about the payments with these ids; answers which of the kinds stood.

    What changes about one of them later stands again, and is told again.
    """
    return await queries.resolve_alarms(tx, [kind.value for kind in kinds], about)


async def acknowledge(tx: Transaction, kind: str, subject: str, by: str) -> bool:
    """Somebody takes care of it, instead of whoever did; what changes about it later is to be seen anew. False if
    nothing changed: it no longer stands, or was his already."""
    return await queries.acknowledge_alarm(tx, kind, subject, by)


async def list_unresolved(tx: Transaction, kinds: Collection[Alarm]) -> Sequence[Standing]:
    """Those of these kinds that nobody has decided yet, the oldest first."""
    return await queries.list_unresolved(tx, [kind.value for kind in kinds])


async def tell_conditions(services: Services) -> None:
    """Write down each alarm of this process about a condition, and an event about it; of one kind, one an hour.

    What cannot be written now is left for the next time.
    """
    while UNTOLD:
        kind, facts = UNTOLD.popleft()
        try:
            async with services.statements.transaction() as tx:
                await queries.meet_condition(tx, kind.value, CONDITION, _sendable(facts), quiet=QUIET)
                hour = await queries.get_hour(tx)
                data = {"alarm": kind.value, "subject": None, "facts": _sendable(facts)}
                await events.record(
                    tx, "billing.alarm", None, data, once=f"billing.alarm:{kind.value}:{hour}"
                )
        except BaseException:
            UNTOLD.appendleft((kind, facts))
            raise


def _sendable(facts: Mapping[str, object]) -> Mapping[str, object]:
    return facts if len(json_of(facts)) < LONGEST_FACTS else {}


@asynccontextmanager
async def telling(services: Services) -> AsyncIterator[None]:
    """As long as the block lasts, the owner is told of the alarms of this process, within seconds."""
    looks = asyncio.create_task(_look_on(services))
    try:
        yield
    finally:
        looks.cancel()
        with suppress(asyncio.CancelledError):
            await looks


async def _look_on(services: Services) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            await tell_conditions(services)
        except Exception as error:
            if not is_unavailable(error):
                log.exception("alarm.telling_failed")
