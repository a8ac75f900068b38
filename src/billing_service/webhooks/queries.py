"""The SQL of the inbox."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Transaction
from billing_service.kit.wire import json_of

UPSERT = """
    INSERT INTO webhook_logs AS log (event_id, event_type, payment_id, raw_payload, client_ip, trace_id)
    VALUES ($1, $2, $3, $4::jsonb, $5, $6)
    ON CONFLICT (event_id) DO UPDATE SET attempts = log.attempts + 1, client_ip = excluded.client_ip
    RETURNING id, looks
"""


async def upsert_notification(
    tx: Transaction,
    *,
    event_id: str,
    event_type: str,
    payment_id: str,
    raw_payload: Mapping[str, Any],
    client_ip: str,
    trace_id: str,
) -> tuple[int, int]:
    """One row for an event, however often it is told; answers its id and how often we looked because of it."""
    payload = json_of(raw_payload).decode()
    row = await tx.row(UPSERT, event_id, event_type, payment_id, payload, client_ip, trace_id)
    assert row is not None  # noqa: S101 (inserted or updated)
    return row["id"], row["looks"]


class Notification(NamedTuple):
    """What a look needs to know of a row. `attempts` counts the copies that have come in.

    `known_as` is our payment that has this object of the provider's, None while none has.
    """

    id: int
    yookassa_payment_id: str
    known_as: UUID | None
    trace_id: str
    attempts: int


# Our own id is asked for along with it: every line about the look names the payment, and no statement more is needed.
GET = """
    SELECT log.id, log.payment_id AS yookassa_payment_id, p.id AS known_as, log.trace_id, log.attempts
    FROM webhook_logs log LEFT JOIN payments p ON p.yookassa_payment_id = log.payment_id WHERE log.id = $1
"""


async def get_notification(statements: StatementPool, log_id: int) -> Notification | None:
    rows = await statements.fetch(GET, log_id)
    return Notification(**rows[0]) if rows else None


RECEIVED = """
    SELECT id, payment_id FROM webhook_logs
    WHERE id > $1 AND status = 'RECEIVED' AND created_at < billing_now() - $2::interval ORDER BY id LIMIT $3
"""


async def list_received(
    tx: Transaction, *, after: int, older_than: timedelta, limit: int
) -> Mapping[int, str]:
    """A page of open rows, those behind the row `after`: id -> the provider's payment."""
    return {row["id"]: row["payment_id"] for row in await tx.rows(RECEIVED, after, older_than, limit)}


CLOSE = """
    UPDATE webhook_logs
    SET status = 'SUCCESS', error_message = NULL, processed_at = coalesce(processed_at, billing_now())
    WHERE id = ANY($1)
"""


async def close_logs(tx: Transaction, log_ids: Sequence[int]) -> None:
    """Our payments already say what these notifications were about."""
    await tx.execute(CLOSE, list(log_ids))


class Closed(NamedTuple):
    """The row after a look. `age`: since its first copy; `was_open`: no look had closed it before."""

    attempts: int
    age: timedelta
    was_open: bool


# The row is locked before it is read, so that the copies counted are those that came before this look ended.
FINISH = """
    WITH before AS (SELECT id, processed_at FROM webhook_logs WHERE id = $1 FOR UPDATE)
    UPDATE webhook_logs log SET
        looks = looks + 1, status = $2, error_message = $3, processed_at = CASE WHEN $4 THEN billing_now() END
    FROM before WHERE log.id = before.id
    RETURNING attempts, billing_now() - created_at AS age, before.processed_at IS NULL AS was_open
"""


async def finish_look(
    tx: Transaction, log_id: int, status: str, *, error_message: str | None, processed: bool
) -> Closed:
    """Write down what a look made of the row."""
    row = await tx.row(FINISH, log_id, status, error_message, processed)
    assert row is not None  # noqa: S101 (a look begins with a row)
    return Closed(**row)


NOTE = "UPDATE webhook_logs SET looks = looks + 1, status = $2, error_message = $3 WHERE id = $1"


async def note_look(tx: Transaction, log_id: int, status: str, why: str) -> None:
    """A look that led to nothing; when the row was processed last stays as it is."""
    await tx.execute(NOTE, log_id, status, why)
