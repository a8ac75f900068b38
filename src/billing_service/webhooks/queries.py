"""The SQL of what becomes of a notification once it is in: looked at, closed, given up, opened again."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.clock import AGREE_WITHIN, Strays
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Transaction
from billing_service.webhooks.states import LogStatus


class Notification(NamedTuple):
    """What a look needs to know of a row. `attempts` counts the copies that have come in.

    `object_id` is the provider's id of what it is about, which is the payment itself or a refund of it. `known_as` is
    our row that has this object, None while none has. `user_id`: whose payment it is, of a known one.
    """

    id: int
    event_type: str
    object_id: str
    yookassa_payment_id: str
    known_as: UUID | None
    user_id: int | None
    trace_id: str
    status: LogStatus
    attempts: int


# Of a row whose payload is erased, its name says what it is about (`webhooks.inbox`); one that came from the old tables
# may be named otherwise.
OBJECT = """coalesce(
    log.raw_payload #>> '{object,id}',
    CASE WHEN starts_with(log.event_id, log.event_type || ':') THEN split_part(log.event_id, ':', 2) END,
    log.payment_id)"""
# Our own id is asked for along with it: every line about the look names the row, and no statement more is needed.
GET = f"""
    SELECT log.id, log.event_type, {OBJECT} AS object_id,
        log.payment_id AS yookassa_payment_id, coalesce(p.id, r.id) AS known_as, p.user_id,
        log.trace_id, log.status, log.attempts
    FROM webhook_logs log
    LEFT JOIN payments p ON p.yookassa_payment_id = {OBJECT}
    LEFT JOIN refunds r ON r.yookassa_refund_id = {OBJECT}
    WHERE log.id = $1
"""  # noqa: S608 (our own constant, as below)


async def get_notification(statements: StatementPool, log_id: int) -> Notification | None:
    row = await statements.gathering.get(GET, log_id)
    return None if row is None else Notification(**dict(row) | {"status": LogStatus(row["status"])})


class Unsettled(NamedTuple):
    """A row that led to nothing yet, and the provider's object that it is about."""

    id: int
    event_type: str
    object_id: str


UNSETTLED = f"""
    SELECT id, event_type, {OBJECT} AS object_id FROM webhook_logs log
    WHERE id > $1 AND status IN ('RECEIVED', 'UNMATCHED', 'GIVEN_UP') AND created_at < billing_now() - $2::interval
    ORDER BY id LIMIT $3
"""  # noqa: S608


async def list_unsettled(
    tx: Transaction, *, after: int, older_than: timedelta, limit: int
) -> Sequence[Unsettled]:
    """A page of rows that led to nothing yet, those behind the row `after`."""
    return [Unsettled(**row) for row in await tx.rows(UNSETTLED, after, older_than, limit)]


SETTLE = """
    UPDATE webhook_logs
    SET status = 'SUCCESS', error_message = NULL, processed_at = coalesce(processed_at, billing_now())
    WHERE id = ANY($1)
"""


async def close_logs(tx: Transaction, log_ids: Sequence[int]) -> None:
    """Our payments already say what these notifications were about."""
    await tx.execute(SETTLE, list(log_ids))


class GivenUp(NamedTuple):
    """A notification that nobody looks at any more, and what the last look found in the way."""

    log_id: int
    yookassa_payment_id: str
    because: str | None


# A job that waits or runs will still look. Its key is that of `jobs.enqueue_look`.
GIVE_UP = """
    UPDATE webhook_logs log SET status = 'GIVEN_UP', jobs_ended = jobs_ended + 1
    WHERE status IN ('RECEIVED', 'UNMATCHED') AND created_at < billing_now() - $2::interval AND NOT EXISTS (
        SELECT FROM pgqueuer job WHERE job.status IN ('queued', 'picked')
            AND job.dedupe_key = $1::text || ':' || log.id || ':' || log.jobs_ended
    )
    RETURNING id AS log_id, payment_id AS yookassa_payment_id, error_message AS because
"""


async def give_up_logs(tx: Transaction, *, job: str, older_than: timedelta) -> Sequence[GivenUp]:
    """The open rows of this age that no job of this name will look at."""
    return [GivenUp(**row) for row in await tx.rows(GIVE_UP, job, older_than)]


class Looked(NamedTuple):
    """The row after a look. `age`: since its first copy; `was_open`: no look had closed it before."""

    id: int
    status: LogStatus
    attempts: int
    age: timedelta
    was_open: bool


# The row is locked before it is read, so that the copies counted are those that came before this look ended. A look
# that found nothing ($2 is RECEIVED) does not open again what a person closed meanwhile. The job ends here unless money
# is held ($4), or a copy came in ($5 had come when the look began) and this look settled nothing.
FINISH = """
    WITH before AS (SELECT id, status, attempts, processed_at FROM webhook_logs WHERE id = $1 FOR UPDATE)
    UPDATE webhook_logs log SET
        looks = looks + 1,
        status = CASE WHEN before.status = 'CLOSED' AND $2 = 'RECEIVED' THEN 'CLOSED' ELSE $2 END,
        error_message = $3,
        processed_at = CASE WHEN $2 <> 'RECEIVED' THEN billing_now()
                            WHEN before.status = 'CLOSED' THEN before.processed_at END,
        jobs_ended = jobs_ended + CASE WHEN NOT $4 AND ($2 = 'SUCCESS' OR before.attempts = $5) THEN 1 ELSE 0 END
    FROM before WHERE log.id = before.id
    RETURNING log.id, log.status, log.attempts, billing_now() - created_at AS age,
        before.processed_at IS NULL AS was_open
"""


async def finish_look(
    tx: Transaction,
    log_id: int,
    status: LogStatus,
    *,
    error_message: str | None,
    is_held: bool,
    attempts: int,
) -> Looked | None:
    """Write down what a look made of the row; None if the row is gone."""
    row = await tx.row_of(FINISH, log_id, status.value, error_message, is_held, attempts)
    return None if row is None else Looked(**dict(row) | {"status": LogStatus(row["status"])})


NOTE = """
    UPDATE webhook_logs SET
        looks = looks + 1, status = CASE WHEN status = 'CLOSED' THEN status ELSE $2 END, error_message = $3
    WHERE id = $1
"""


async def note_look(tx: Transaction, log_id: int, status: LogStatus, why: str) -> None:
    """A look that led to nothing: it opens nothing that a person closed meanwhile."""
    await tx.execute(NOTE, log_id, status.value, why)


class Locked(NamedTuple):
    """A row that nobody else changes until the end of the transaction."""

    yookassa_payment_id: str
    status: LogStatus
    jobs_ended: int


LOCK = (
    "SELECT payment_id AS yookassa_payment_id, status, jobs_ended FROM webhook_logs WHERE id = $1 FOR UPDATE"
)


async def lock_log(tx: Transaction, log_id: int) -> Locked | None:
    row = await tx.row(LOCK, log_id)
    return None if row is None else Locked(**dict(row) | {"status": LogStatus(row["status"])})


REOPEN = "UPDATE webhook_logs SET status = 'RECEIVED', processed_at = NULL WHERE id = $1"


async def reopen_log(tx: Transaction, log_id: int) -> None:
    await tx.execute(REOPEN, log_id)


CLOSE = "UPDATE webhook_logs SET status = 'CLOSED', processed_at = billing_now() WHERE id = $1"


async def close_by_hand(tx: Transaction, log_id: int) -> None:
    await tx.execute(CLOSE, log_id)


# `payment_id` is the provider's payment, whatever of it the notification is about. What was only RECEIVED has its look
# to come.
LOCK_WAITING = f"""
    SELECT id, payment_id AS yookassa_payment_id, status, jobs_ended FROM webhook_logs log
    WHERE status IN ('UNMATCHED', 'GIVEN_UP')
        AND (payment_id = ANY($1) OR {OBJECT} = ANY($1))
    ORDER BY id FOR UPDATE
"""  # noqa: S608


async def lock_waiting(tx: Transaction, object_ids: Collection[str]) -> Mapping[int, Locked]:
    """The rows about these objects of the provider's that fitted no row or were given up, by their id."""
    found: dict[int, Locked] = {}
    for row in await tx.rows(LOCK_WAITING, list(object_ids)):
        facts = dict(row) | {"status": LogStatus(row["status"])}
        log_id = facts.pop("id")
        found[log_id] = Locked(**facts)
    return found


LIST_GIVEN_UP = """
    SELECT id AS log_id, payment_id AS yookassa_payment_id, error_message AS because FROM webhook_logs
    WHERE status = 'GIVEN_UP' ORDER BY id
"""


async def list_given_up(tx: Transaction) -> Sequence[GivenUp]:
    return [GivenUp(**row) for row in await tx.rows(LIST_GIVEN_UP)]


STRAYS = """
    WITH stray AS (
        SELECT id, created_at - billing_now() AS ahead FROM webhook_logs
        WHERE status IN ('RECEIVED', 'UNMATCHED', 'GIVEN_UP') AND created_at > billing_now() + $1::interval
        FOR UPDATE SKIP LOCKED
    ), moved AS (
        UPDATE webhook_logs log SET created_at = billing_now() FROM stray WHERE log.id = stray.id
    )
    SELECT count(*) AS found, max(ahead) AS ahead FROM stray
"""


async def bring_back(tx: Transaction) -> Strays:
    """Open rows of a time that is still to come would count as young until then."""
    return Strays(**await tx.row(STRAYS, AGREE_WITHIN) or {})
