"""Nothing stays in doubt: every open intent is asked about, on a schedule, until its outcome is known.

One that the provider has is asked about by its id. One whose sending is in doubt is posted again with the same key and
bytes, while that is safe and they are there; after that only the provider's lists decide: absent in two full passes an
hour apart means that it was never created.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.kit.jobs import enqueue_all
from billing_service.kit.transaction import Row as Record
from billing_service.kit.transaction import Transaction
from billing_service.provider_calls.kinds import Kind, Row, Seen, settle
from billing_service.provider_calls.ladder import wait_before_next
from billing_service.provider_calls.sending import MayNotBeSent, alarm_if_our_key_is_refused, send
from billing_service.provider_calls.unreadable import alarm_not_compared
from billing_service.services import Services
from billing_service.yookassa.errors import NotFound, YookassaError
from billing_service.yookassa.schemas import Unreadable

log = structlog.get_logger()

AT_ONCE = 100
UNKNOWN_FOR = timedelta(hours=24)
# The window of the lists: clocks differ before, and a request may have taken its time after.
BEFORE_FIRST, AFTER_LAST = timedelta(minutes=10), timedelta(hours=1)
BETWEEN_PASSES = timedelta(hours=1)


async def enqueue_due(services: Services, kind: Kind[Row, Seen]) -> int:
    """Enqueue a question about every open intent whose time has come, and set the time of the next one.

    Safe to run anywhere, any number of times at once: rows are claimed, and a waiting question is not doubled. Only
    intents of the shop we are configured for.
    """
    settings = services.settings
    async with services.statements.transaction() as tx:
        due = await tx.rows(
            _due_statement(kind), list(kind.open), settings.shop_id, settings.shop_is_test, AT_ONCE
        )
        ids = [row["id"] for row in due]
        waits = [wait_before_next(row["age"]) for row in due]
        await tx.execute(_postpone_statement(kind), ids, waits)
        await enqueue_all(tx, kind.ask_job, {f"{kind.ask_job}:{one}": str(one).encode() for one in ids})
    return len(due)


def _due_statement(kind: Kind[Row, Seen]) -> str:
    """The longest waiting first; what another worker holds is skipped."""
    return f"""
        SELECT id, billing_now() - created_at AS age FROM {kind.table}
        WHERE status = ANY($1) AND shop_id = $2 AND is_test = $3 AND next_ask_at <= billing_now()
        ORDER BY next_ask_at LIMIT $4 FOR UPDATE SKIP LOCKED
    """  # noqa: S608 (names of our own tables)


def _postpone_statement(kind: Kind[Row, Seen]) -> str:
    return f"""
        UPDATE {kind.table} intent SET next_ask_at = billing_now() + due.wait
        FROM unnest($1::uuid[], $2::interval[]) AS due (id, wait) WHERE intent.id = due.id
    """  # noqa: S608


async def ask(services: Services, kind: Kind[Row, Seen], intent_id: UUID) -> None:
    """Learn what became of one open intent, and settle it. Safe to repeat at any time.

    While the provider cannot say, nothing changes: the schedule asks again. The shop may have been changed since the
    question was enqueued, and another shop can say nothing about this intent.
    """
    settings = services.settings
    found = await services.statements.fetch(
        _question_statement(kind), intent_id, list(kind.open), settings.shop_id, settings.shop_is_test
    )
    if not found:
        return
    with kind.about(intent_id, found[0]["provider_id"]):
        try:
            await _ask(services, kind, found[0])
        except YookassaError as error:
            alarm_if_our_key_is_refused(kind, intent_id, error)
            log.warning(kind.event("question_unanswered"), outcome=error.outcome)


def _question_statement(kind: Kind[Row, Seen]) -> str:
    return f"""
        SELECT id, {kind.provider_id} AS provider_id, first_sent_at, last_sent_at, billing_now() AS now,
            billing_now() - created_at AS age, request_body IS NOT NULL AS may_be_posted
        FROM {kind.table} WHERE id = $1 AND status = ANY($2) AND shop_id = $3 AND is_test = $4
    """  # noqa: S608


async def _ask(services: Services, kind: Kind[Row, Seen], question: Record) -> None:
    first_sent_at: datetime | None = question["first_sent_at"]
    is_young = first_sent_at is None or question["now"] - first_sent_at < kind.repeat_for
    if question["provider_id"] is not None:
        await _ask_by_id(services, kind, question)
        return
    if question["may_be_posted"] and is_young:
        with suppress(MayNotBeSent):
            await send(services, kind, question["id"])
            return
    await _search_lists(services, kind, question)


async def _ask_by_id(services: Services, kind: Kind[Row, Seen], question: Record) -> None:
    try:
        seen = await kind.get(services, question["provider_id"])
    except NotFound as error:
        if question["age"] > UNKNOWN_FOR:
            ids = {f"{kind.name}_id": question["id"], kind.provider_id: question["provider_id"]}
            async with services.statements.transaction() as tx:
                await alarms.raise_once(
                    tx, Alarm.PROVIDER_LOST_PAYMENT, question["id"], error_id=error.error_id, **ids
                )
        return
    await settle(services, kind, question["id"], seen)


async def _search_lists(services: Services, kind: Kind[Row, Seen], question: Record) -> None:
    """One full pass over every page of the window in which it can have been created.

    What cannot be read may be the one that is searched for: then the pass proves nothing.
    """
    since, until = question["first_sent_at"] - BEFORE_FIRST, question["last_sent_at"] + AFTER_LAST
    is_proof = True
    async for seen in kind.list_created(services.yookassa, since, until):
        if isinstance(seen, Unreadable):
            is_proof = False
            await alarm_not_compared(services, kind, seen.id, because="unreadable")
        elif kind.named_by(seen) == str(question["id"]):
            await settle(services, kind, question["id"], seen)
            return
    if is_proof:
        await _note_absence(services, kind, question["id"])


async def _note_absence(services: Services, kind: Kind[Row, Seen], intent_id: UUID) -> None:
    """Count a pass that found nothing, if the window was over by then; the second one decides."""

    async def note(tx: Transaction) -> None:
        row = await kind.lock(tx, intent_id)
        now: datetime = await tx.value("SELECT billing_now()")
        window_is_over = row.last_sent_at is not None and now > row.last_sent_at + AFTER_LAST
        if getattr(row, kind.provider_id) is not None or row.status not in kind.open or not window_is_over:
            return
        if row.absent_since is None:
            await tx.execute(_absent_statement(kind), intent_id, now, now + BETWEEN_PASSES)
        elif now - row.absent_since >= BETWEEN_PASSES:
            await kind.refuse(tx, services.settings, row, None)

    await services.statements.turns.take_or_queue(note)


def _absent_statement(kind: Kind[Row, Seen]) -> str:
    return f"UPDATE {kind.table} SET absent_since = $2, next_ask_at = $3 WHERE id = $1"  # noqa: S608
