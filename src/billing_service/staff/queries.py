"""The SQL of accounts, sessions and acts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Transaction
from billing_service.kit.wire import json_of
from billing_service.staff.roles import Role


@dataclass(frozen=True)
class Account:
    """A person who may come in, unless `disabled_at`. `signs_in` says whether he has a password."""

    name: str
    role: Role
    signs_in: bool
    created_at: datetime
    disabled_at: datetime | None


COLUMNS = "name, role, password_hash IS NOT NULL AS signs_in, created_at, disabled_at"


async def list_accounts(tx: Transaction) -> Sequence[Account]:
    rows = await tx.rows(f"SELECT {COLUMNS} FROM staff_accounts ORDER BY name")  # noqa: S608
    return [Account(**dict(row) | {"role": Role(row["role"])}) for row in rows]


async def lock_account(tx: Transaction, name: str) -> Account | None:
    row = await tx.row(f"SELECT {COLUMNS} FROM staff_accounts WHERE name = $1 FOR UPDATE", name)  # noqa: S608
    return None if row is None else Account(**dict(row) | {"role": Role(row["role"])})


async def lock_owners(tx: Transaction) -> None:
    """Before any other account: in the order of their names."""
    await tx.execute("SELECT FROM staff_accounts WHERE role = 'owner' ORDER BY name FOR UPDATE")


INSERT = """
    INSERT INTO staff_accounts (name, role, password_hash) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING name
"""


async def insert_account(tx: Transaction, name: str, role: Role, password_hash: str | None) -> bool:
    """False if there is one of this name."""
    return await tx.value(INSERT, name, role, password_hash) is not None


async def set_password(tx: Transaction, name: str, password_hash: str) -> None:
    await tx.execute("UPDATE staff_accounts SET password_hash = $2 WHERE name = $1", name, password_hash)


async def set_role(tx: Transaction, name: str, role: Role) -> None:
    await tx.execute("UPDATE staff_accounts SET role = $2 WHERE name = $1", name, role)


DISABLE = "UPDATE staff_accounts SET disabled_at = CASE WHEN $2 THEN billing_now() END WHERE name = $1"


async def set_disabled(tx: Transaction, name: str, *, disabled: bool) -> None:
    await tx.execute(DISABLE, name, disabled)


async def end_sessions(tx: Transaction, name: str) -> None:
    await tx.execute("DELETE FROM staff_sessions WHERE account = $1", name)


PASSWORD_OF = "SELECT password_hash FROM staff_accounts WHERE name = $1 AND disabled_at IS NULL"  # noqa: S105


async def get_password_hash(statements: StatementPool, name: str) -> str | None:
    """None for an account that there is not, that is disabled or has none."""
    rows = await statements.fetch(PASSWORD_OF, name)
    return rows[0]["password_hash"] if rows else None


# Only while the account is what it was when the password was compared: $3 is that hash, null where a proxy says who.
BEGIN = """
    INSERT INTO staff_sessions (digest, account)
    SELECT $1, name FROM staff_accounts
    WHERE name = $2 AND disabled_at IS NULL AND ($3::text IS NULL OR password_hash = $3) FOR SHARE
    RETURNING account
"""


async def insert_session(tx: Transaction, digest: bytes, name: str, password_hash: str | None) -> bool:
    return await tx.value(BEGIN, digest, name, password_hash) is not None


class SignedIn(NamedTuple):
    """Whose session it is, and since when."""

    account: str
    role: str
    created_at: datetime


# Seen again: the time without a word begins anew.
SEE = """
    UPDATE staff_sessions s SET seen_at = billing_now() FROM staff_accounts a
    WHERE s.digest = $1 AND a.name = s.account AND a.disabled_at IS NULL
        AND s.seen_at > billing_now() - $2::interval AND s.created_at > billing_now() - $3::interval
    RETURNING s.account, a.role, s.created_at
"""


async def see_session(
    statements: StatementPool, digest: bytes, *, idle: timedelta, longest: timedelta
) -> SignedIn | None:
    rows = await statements.fetch(SEE, digest, idle, longest)
    return SignedIn(**rows[0]) if rows else None


async def end_session(statements: StatementPool, digest: bytes) -> None:
    await statements.fetch("DELETE FROM staff_sessions WHERE digest = $1", digest)


class Act(NamedTuple):
    """An act as it stands: `is_mine` if the caller is the one to do it now, `again` if it was begun before."""

    account: str
    act: str
    fingerprint: str
    outcome: Mapping[str, Any] | None
    is_mine: bool
    again: bool


# Begun once; taken over from whoever held it and was killed.
CLAIM = """
    WITH claimed AS (
        INSERT INTO staff_acts AS known (key, account, act, fingerprint, lease_until)
        VALUES ($1, $2, $3, $4, billing_now() + $5::interval)
        ON CONFLICT (key) DO UPDATE SET lease_until = excluded.lease_until
        WHERE known.done_at IS NULL AND known.lease_until < billing_now()
            AND (known.account, known.act, known.fingerprint)
                = (excluded.account, excluded.act, excluded.fingerprint)
        RETURNING account, act, fingerprint, outcome::text, true AS is_mine,
            begun_at < billing_now() AS again
    )
    SELECT * FROM claimed
    UNION ALL
    SELECT account, act, fingerprint, outcome::text, false, true FROM staff_acts
    WHERE key = $1 AND NOT EXISTS (SELECT FROM claimed)
"""


async def claim_act(
    tx: Transaction, key: UUID, *, account: str, act: str, fingerprint: str, lease: timedelta
) -> Act | None:
    """None only while somebody who has just begun it is not yet seen: ask again."""
    row = await tx.row(CLAIM, key, account, act, fingerprint, lease)
    return None if row is None else _act(dict(row))


GET_ACT = """
    SELECT account, act, fingerprint, outcome::text, false AS is_mine, true AS again FROM staff_acts WHERE key = $1
"""


async def get_act(statements: StatementPool, key: UUID) -> Act | None:
    rows = await statements.fetch(GET_ACT, key)
    return _act(dict(rows[0])) if rows else None


def _act(row: dict[str, Any]) -> Act:
    return Act(**row | {"outcome": row["outcome"] and json.loads(row["outcome"])})


CONCLUDE = (
    "UPDATE staff_acts SET done_at = billing_now(), outcome = $2::jsonb WHERE key = $1 AND done_at IS NULL"
)


async def conclude_act(tx: Transaction, key: UUID, outcome: Mapping[str, object]) -> None:
    await tx.execute(CONCLUDE, key, json_of(outcome).decode())


async def drop_act(tx: Transaction, key: UUID) -> None:
    """Nothing was done: the key is free."""
    await tx.execute("DELETE FROM staff_acts WHERE key = $1 AND done_at IS NULL", key)


async def let_go_of_act(tx: Transaction, key: UUID) -> None:
    """Nobody knows what was done: the next one does it again."""
    await tx.execute(
        "UPDATE staff_acts SET lease_until = '-infinity' WHERE key = $1 AND done_at IS NULL", key
    )
