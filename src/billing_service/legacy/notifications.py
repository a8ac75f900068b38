"""The log of notifications, redacted before it is written; what is older than it is kept here stays there."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from billing_service.kit.transaction import Transaction
from billing_service.kit.wire import json_of
from billing_service.legacy.source import Source
from billing_service.web.errors.requests import InvalidPayload
from billing_service.webhooks.redaction import redact
from billing_service.webhooks.states import LogStatus

SELECT = """
    SELECT event_id::text AS event_id, event_type::text AS event_type, coalesce(payment_id, '')::text AS payment_id,
        coalesce(trace_id, '')::text AS trace_id, status::text AS status, attempts::integer AS attempts,
        raw_payload::text AS payload, coalesce(host(client_ip), '')::text AS client_ip, created_at, processed_at
    FROM {s}.webhook_logs WHERE created_at > now() - $1::interval ORDER BY created_at
"""
INSERT = """
    INSERT INTO webhook_logs (
        event_id, event_type, payment_id, trace_id, status, attempts, error_message, raw_payload, client_ip, created_at,
        processed_at)
    SELECT came.* FROM unnest(
        $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::jsonb[], $9::text[],
        $10::timestamptz[], $11::timestamptz[]) came
    ON CONFLICT (event_id) DO NOTHING RETURNING id
"""
# What the old service has done is done. The rest is looked at by nobody there any more, and here by the repair, which
# asks the provider for its own list.
DONE = frozenset({"SUCCESS", "DUPLICATE"})


async def take_over(tx: Transaction, source: Source, kept_for: timedelta) -> int:
    """Every line that is young enough and not here yet; how many came. Safe to repeat."""
    came = 0
    async for page in source.pages(SELECT, kept_for):
        async with tx.connection.transaction():
            came += len(await tx.rows(INSERT, *_columns(page)))
    return came


def _columns(page: Sequence[Mapping[str, Any]]) -> Sequence[Sequence[object]]:
    return [
        [one["event_id"] for one in page],
        [one["event_type"] for one in page],
        [one["payment_id"] for one in page],
        [one["trace_id"] for one in page],
        [LogStatus.SUCCESS if one["status"] in DONE else LogStatus.CLOSED for one in page],
        [max(one["attempts"], 0) for one in page],
        [None if one["status"] in DONE else f"left as {one['status']} by the service before" for one in page],
        [_redacted(one["payload"]) for one in page],
        [one["client_ip"] for one in page],
        [one["created_at"] for one in page],
        [one["processed_at"] for one in page],
    ]


def _redacted(payload: str) -> str:
    try:
        return json_of(redact(json.loads(payload))).decode()
    except InvalidPayload:
        return "{}"
