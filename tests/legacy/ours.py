"""What is here after a move, read with plain SQL."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from billing_service.kit.db import Database
from billing_service.operations.invariants import INVARIANTS, find_violations
from tests.ledger import rows, value

# The move writes down of itself that it ran.
ITS_OWN = frozenset({"legacy_imports", "legacy_differences"})


async def access(database: Database) -> dict[int, datetime]:
    """Until when whoever has days here has them, as the rows say."""
    found = await rows(
        database, "SELECT user_id, max(upper(span)) AS until FROM subscription_periods GROUP BY user_id"
    )
    return {row["user_id"]: row["until"] for row in found}


async def money(database: Database) -> dict[str, tuple[int, Decimal]]:
    found = await rows(
        database,
        "SELECT plan_code, count(*) AS number, sum(amount) AS amount FROM payments WHERE status = 'SUCCEEDED' "
        "GROUP BY plan_code",
    )
    return {row["plan_code"]: (row["number"], row["amount"]) for row in found}


async def listed(database: Database) -> dict[str, set[str]]:
    """What the newest import has listed: kind -> whom or what."""
    found: dict[str, set[str]] = {}
    for row in await rows(database, "SELECT kind, subject FROM legacy_differences"):
        found.setdefault(row["kind"], set()).add(row["subject"])
    return found


async def violations(database: Database) -> dict[str, list[str]]:
    """Every rule that must never be false, and the rows that break it."""
    found = {}
    async with database.engine.connect() as connection:
        for rule in INVARIANTS:
            if broken := await find_violations(connection, rule):
                found[rule] = list(broken)
    return found


async def content(database: Database) -> dict[str, str]:
    """A digest of every table that the move writes others' rows into."""
    tables = await rows(
        database,
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'pgqueuer%'",
    )
    return {
        name: await value(database, f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {name} t")  # noqa: S608
        for name in sorted({table["tablename"] for table in tables} - ITS_OWN)
    }


def report_of(path: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:  # noqa: ANN401 (a path)
    """The figures, and every difference."""
    head, *lines = (json.loads(line) for line in path.read_text().splitlines())
    return head, lines
