"""The SQL of the audit log."""

from collections.abc import Mapping

from billing_service.kit.transaction import Transaction
from billing_service.kit.wire import json_of

INSERT = """
    INSERT INTO audit_log (action, caller, author, reason, user_id, request_id, details)
    VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)
"""


async def insert_entry(
    tx: Transaction,
    *,
    action: str,
    caller: str,
    author: str,
    reason: str,
    user_id: int | None,
    request_id: str,
    details: Mapping[str, object],
) -> None:
    await tx.execute(INSERT, action, caller, author, reason, user_id, request_id, json_of(details).decode())
