"""The SQL of the audit log."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing_service.kit.transaction import Transaction
from billing_service.kit.wire import json_of


@dataclass(frozen=True)
class Entry:
    """A deed as it was written down."""

    id: int
    at: datetime
    action: str
    caller: str
    author: str | None
    reason: str | None
    request_id: str
    details: Mapping[str, Any]


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


LIST = """
    SELECT id, at, action, caller, author, reason, request_id, details::text AS details FROM audit_log
    WHERE action = ANY ($1::text[]) AND details @> $2::jsonb ORDER BY id DESC
"""


async def list_entries(
    tx: Transaction, actions: Sequence[str], about: Mapping[str, object]
) -> Sequence[Entry]:
    rows = await tx.rows(LIST, list(actions), json_of(about).decode())
    return [Entry(**{**row, "details": json.loads(row["details"])}) for row in rows]
