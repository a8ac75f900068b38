"""Look: a notification only says where; what is true is what the provider answers to our own credentials."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from billing_service.config import Settings
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.transaction import Transaction
from billing_service.observability.log_context import about_payment
from billing_service.observability.metrics import LOOKS, SETTLED_SECONDS
from billing_service.provider_calls.kinds import Kind, NotOurs, Settlement, StrangeMark, UnmatchedObject
from billing_service.provider_calls.known import which_are_final
from billing_service.services import Services
from billing_service.webhooks import queries
from billing_service.webhooks.events import USED, Story
from billing_service.webhooks.jobs import LOOK
from billing_service.webhooks.queries import Notification, Unsettled
from billing_service.webhooks.states import LogStatus
from billing_service.yookassa.errors import NotFound, Unauthorized

log = structlog.get_logger()

# A row this young still has its look to come, or has just had it.
LEFT_ALONE_FOR = timedelta(minutes=1)
AT_ONCE = 1000
HELD = "WAITING_FOR_CAPTURE"
# As long as the provider repeats, and as long as a job is tried again.
GIVE_UP_AFTER = timedelta(days=1)


class LookAgain(Exception):
    """Nothing is decided yet; the job library tries again, later and later."""


@dataclass(frozen=True)
class _Look:
    """What one look found: the settlement if the object is ours, and whether a copy came in while we looked."""

    seen: Any
    settlement: Settlement[Any] | None
    told_again: bool

    @property
    def is_held(self) -> bool:
        return _is_held(self.settlement)


def _is_held(found: Settlement[Any] | None) -> bool:
    """Whether money is held although we asked for a one-stage payment."""
    return found is not None and found.row.status == HELD and not found.refused_because


async def look(services: Services, log_id: int) -> None:
    """Fetch the object a notification is about, settle it, and close the notification's row, in one block.

    Safe to repeat at any time; nobody looks at what a person has closed. Raises `LookAgain` or the client's error while
    the provider cannot say; then the row stays open and the job is tried again.
    """
    row = await queries.get_notification(services.statements, log_id)
    if row is None or row.status is LogStatus.CLOSED:
        return
    story = USED[row.event_type]
    with (
        about_payment(yookassa_payment_id=row.yookassa_payment_id),
        structlog.contextvars.bound_contextvars(request_id=row.trace_id, log_id=log_id),
        story.kind.about(row.known_as, row.object_id),
    ):
        found = await _look_once(services, story, row)
        while found.told_again or found.is_held:
            if found.is_held and found.settlement:
                await _take(services, story, found.settlement, found.seen)
            row = await queries.get_notification(services.statements, log_id) or row
            found = await _look_once(services, story, row)


async def close_settled(services: Services) -> int:
    """Close the rows whose look led to nothing: the object was settled since, by a question of our own or the walk.

    Answers how many. Safe to repeat at any time.
    """
    closed, last = 0, 0
    while True:
        async with services.statements.transaction() as tx:
            waiting = await queries.list_unsettled(tx, after=last, older_than=LEFT_ALONE_FOR, limit=AT_ONCE)
            settled = await _which_are_settled(tx, waiting)
            await queries.close_logs(tx, settled)
        closed += len(settled)
        if len(waiting) < AT_ONCE:
            return closed
        last = waiting[-1].id


async def _which_are_settled(tx: Transaction, waiting: Sequence[Unsettled]) -> Sequence[int]:
    settled: list[int] = []
    for story in set(USED.values()):
        own = [row for row in waiting if USED.get(row.event_type) is story]
        if own:
            final = await which_are_final(tx, story.kind, {row.object_id for row in own})
            settled += [row.id for row in own if row.object_id in final]
    return settled


async def give_up_overdue(services: Services) -> int:
    """Put aside the rows that are a day old and that no job will look at any more, so that a person decides.

    Answers how many. Safe to repeat at any time: a later copy, a replay or the settled payment brings them back.
    """
    async with services.statements.transaction() as tx:
        given_up = await queries.give_up_logs(tx, job=LOOK, older_than=GIVE_UP_AFTER)
    LOOKS.labels(LogStatus.GIVEN_UP).inc(len(given_up))
    for one in given_up:
        log.warning("webhook.given_up", **one._asdict())
    return len(given_up)


async def _look_once(services: Services, story: Story, row: Notification) -> _Look:
    kind = story.kind
    try:
        seen = await kind.get(services, row.object_id)
    except Unauthorized as error:
        ids = {kind.provider_id: row.object_id}
        raise_alarm(Alarm.PROVIDER_REFUSES_OUR_KEY, error_id=error.error_id, **ids)
        raise
    except NotOurs:
        async with services.statements.transaction() as tx:
            return _Look(None, None, await _conclude(tx, kind, row, None))
    except NotFound:
        async with services.statements.transaction() as tx:
            if await which_are_final(tx, kind, {row.object_id}):
                await queries.close_logs(tx, [row.id])
                return _Look(None, None, told_again=False)
            await _leave_open(tx, row.id, LogStatus.RECEIVED, f"the provider does not know this {kind.name}")
        raise LookAgain(row.object_id) from None
    try:
        return await _settle(services, kind, row, seen)
    except StrangeMark:
        async with services.statements.transaction() as tx:
            await kind.on_unmatched(tx, seen)
            return _Look(seen, None, await _conclude(tx, kind, row, None))
    except UnmatchedObject:
        return await _trace(services, story, row, seen)


async def _trace(services: Services, story: Story, row: Notification, seen: Any) -> _Look:  # noqa: ANN401 (of its kind)
    """It fits no row of ours: asking further may find it one, or another owner."""
    try:
        is_ours = await story.trace(services, seen)
    except UnmatchedObject:
        async with services.statements.transaction() as tx:
            await _leave_open(tx, row.id, LogStatus.UNMATCHED, "no payment of ours fits")
        raise LookAgain(row.object_id) from None
    if is_ours:
        return await _look_once(services, story, row)
    async with services.statements.transaction() as tx:
        return _Look(seen, None, await _conclude(tx, story.kind, row, None))


async def _settle(services: Services, kind: Kind[Any, Any], row: Notification, seen: Any) -> _Look:  # noqa: ANN401
    """A payment of a known user together with those of others. All else goes alone: whose it is shows only its lock."""
    statements = services.statements
    work = partial(_settled, settings=services.settings, kind=kind, row=row, seen=seen)
    if row.user_id is None:
        return await statements.turns.take_or_queue(work)
    return await statements.together.take_or_queue(row.user_id, work)


async def _settled(
    tx: Transaction,
    *,
    settings: Settings,
    kind: Kind[Any, Any],
    row: Notification,
    seen: Any,  # noqa: ANN401
) -> _Look:
    found = await kind.find(tx, seen, row.known_as)
    settlement = await kind.settle(tx, settings, found, seen) if found else None
    return _Look(seen, settlement, await _conclude(tx, kind, row, settlement))


async def _conclude(
    tx: Transaction, kind: Kind[Any, Any], row: Notification, settlement: Settlement[Any] | None
) -> bool:
    """Write down what the look found. True if a copy arrived meanwhile and this look settled nothing.

    If it was the job's last look, that is written in the same transaction, so that whichever copy comes later finds the
    place of the job free.
    """
    status, why = _outcome(kind, settlement)
    looked = await queries.finish_look(
        tx, row.id, status, error_message=why, is_held=_is_held(settlement), attempts=row.attempts
    )
    if looked is None:
        return False
    if status is LogStatus.FOREIGN:
        log.info("webhook.left_alone", event_type=row.event_type)
    if status is LogStatus.SUCCESS and looked.was_open:
        tx.once_committed(partial(SETTLED_SECONDS.observe, looked.age.total_seconds()))
    tx.once_committed(LOOKS.labels(looked.status).inc)
    return status is not LogStatus.SUCCESS and looked.attempts != row.attempts


def _outcome(kind: Kind[Any, Any], settlement: Settlement[Any] | None) -> tuple[LogStatus, str | None]:
    """The state of the notification's row, and why."""
    if settlement is None:
        return LogStatus.FOREIGN, None
    if settlement.refused_because:
        return LogStatus.FAILED, "contradicts our row: " + ", ".join(settlement.refused_because)
    return (LogStatus.RECEIVED if settlement.row.status in kind.open else LogStatus.SUCCESS), None


async def _leave_open(tx: Transaction, log_id: int, status: LogStatus, why: str) -> None:
    await queries.note_look(tx, log_id, status, why)
    tx.once_committed(LOOKS.labels(status).inc)


async def _take(services: Services, story: Story, held: Settlement[Any], seen: Any) -> None:  # noqa: ANN401
    taken = await story.kind.follow_up(services, held, seen)
    if taken.row.status == HELD:
        raise LookAgain(seen.id)
