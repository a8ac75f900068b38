"""The one statement that takes a notification in: its row, whether our own row says the same already, and the look."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from billing_service.kit.jobs import headers_of
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.wire import json_of
from billing_service.provider_calls.kinds import Kind
from billing_service.provider_calls.known import known_object
from billing_service.webhooks.jobs import LOOK, LOOK_QUEUED


class TakenIn(NamedTuple):
    """The row of a notification, our row that has its object, and whether that says already what was told of it."""

    log_id: int
    known_as: UUID | None
    settled: bool


@cache
def _take_in(kind: Kind[Any, Any]) -> str:
    return f"""
        WITH known AS ({known_object(kind, "$7", "$8")}),
        told AS (
            SELECT (SELECT id FROM known) AS known_as, coalesce((SELECT settled FROM known), false) AS settled
        ),
        log AS (
            INSERT INTO webhook_logs AS log
                (event_id, event_type, payment_id, raw_payload, client_ip, trace_id, status, processed_at)
            SELECT $1, $2, $3, $4::jsonb, $5, $6,
                CASE WHEN settled THEN 'SUCCESS' ELSE 'RECEIVED' END, CASE WHEN settled THEN billing_now() END
            FROM told
            ON CONFLICT (event_id) DO UPDATE SET
                attempts = log.attempts + 1,
                client_ip = excluded.client_ip,
                status = CASE WHEN excluded.status = 'SUCCESS' THEN 'SUCCESS'
                    WHEN log.status IN ('GIVEN_UP', 'CLOSED') THEN 'RECEIVED' ELSE log.status END,
                error_message = CASE WHEN excluded.status = 'SUCCESS' THEN NULL ELSE log.error_message END,
                processed_at = CASE WHEN excluded.status = 'SUCCESS' THEN coalesce(log.processed_at, billing_now())
                    WHEN log.status IN ('GIVEN_UP', 'CLOSED') THEN NULL ELSE log.processed_at END
            RETURNING id, jobs_ended
        ),
        unsettled AS (SELECT log.id, log.jobs_ended FROM log, told WHERE NOT told.settled),
        {LOOK_QUEUED}
        SELECT log.id AS log_id, told.known_as, told.settled FROM log, told
    """  # noqa: S608 (our own words)


async def take_in(
    statements: StatementPool,
    kind: Kind[Any, Any],
    *,
    object_id: str,
    claimed: str | None,
    row: Mapping[str, Any],
) -> TakenIn:
    """One row for an event, however often it is told, and a look unless our row says already what is claimed.

    One statement, so both are kept or neither is. A look that is over has counted itself in `jobs_ended` of the row, so
    a copy that comes while its job is still marked as running gets a job of its own.
    """
    payload = json_of(row["raw_payload"]).decode()
    values = (
        row["event_id"],
        row["event_type"],
        row["payment_id"],
        payload,
        row["client_ip"],
        row["trace_id"],
    )
    return TakenIn(
        **await statements.fetch_one(_take_in(kind), *values, object_id, claimed, headers_of(LOOK))
    )
